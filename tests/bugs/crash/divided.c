// SPDX-License-Identifier: Apache-2.0
//
// main itself divides by what a goroutine counted, which is nothing. The fixed twin looks first.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: Weir: crash
// CHECK: goroutine 1 (main) divided by zero
// CHECK: SIGFPE ended the program.
// CHECK: average(
// CHECK: main(
// CHECK: SUMMARY: Weir: crash divided.c:[[@LINE+10]] in average
#include <stdio.h>
#include <weir/weir.h>

static volatile int sum, count;

__attribute__((noinline)) static int average(void) {
#ifdef FIXED
  if (!count) return 0;
#endif
  return sum / count;
}

static void measure(weir_wg *wg) {
  sum = 0;
  count = 0;
  weir_wg_done(wg);
}

int main(void) {
  static weir_wg wg;
  weir_wg_add(&wg, 1);
  weir_go(measure, &wg);
  weir_wg_wait(&wg);
  printf("%d\n", average());
}
