# SPDX-License-Identifier: Apache-2.0
#
# What stands before the body of main, in the tests of jobs that must fail: two goroutines that race.
RACE = """
static int shared;
static void racer(weir_wg *wg) { shared++; weir_wg_done(wg); }
static void both(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(racer, &wg);
  weir_go(racer, &wg);
  weir_wg_wait(&wg);
}
int main(void) { both();"""
