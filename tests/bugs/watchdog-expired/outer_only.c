// SPDX-License-Identifier: Apache-2.0
//
// Scopes nest, and each has its own limit: every step is in time, all steps together are not. What
// was left, by return and by weir_goexit, is watched no more.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: watchdog expired
// CHECK: has been in all steps for more than 500 ms
#include <weir/weir.h>

static void step(void) {
  weir_watchdog(WEIR_S(3600), "one step");
  weir_sleep(WEIR_MS(100)); // time is what this is about
}

static void leaves(void) {
  weir_watchdog(WEIR_MS(100), "a scope left by goexit");
  weir_goexit();
}

static void steps(void) {
#ifdef FIXED
  weir_watchdog(WEIR_S(3600), "all steps");
#else
  // CHECK-DAG: It was entered by goroutine {{.*}} at outer_only.c:[[#@LINE+1]]
  weir_watchdog(WEIR_MS(500), "all steps");
#endif
  for (int i = 0; i < 12; i++)
    step();
}

int main(void) {
  weir_wg all = {0};
  weir_wg_go(&all, leaves);
  weir_wg_go(&all, steps);
  weir_wg_wait(&all);
}
