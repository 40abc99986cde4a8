// SPDX-License-Identifier: Apache-2.0
//
// Everybody gives way, but only after a long turn, and they are so many that each comes back after
// more than the limit. The fixed ones take short turns.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=starvation_ms=200:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: starvation
// CHECK-SAME: [suspected]
// CHECK: (turns) has been runnable and has not run for
#include <weir/weir.h>

#include "compute.h"

enum { GOROUTINES = 60, ALL_MS = 600 };
#ifdef FIXED
enum { TURN_MS = 1, TURNS = ALL_MS / GOROUTINES };
#else
enum { TURN_MS = 20, TURNS = 10 };
#endif

static void turns(void) {
  for (int i = 0; i < TURNS; i++) {
    compute(TURN_MS);
    weir_yield();
  }
}

int main(void) {
  weir_wg all = {0};
  for (int i = 0; i < GOROUTINES; i++)
    // CHECK-DAG: long_turns.c:[[#@LINE+1]]
    weir_wg_go(&all, turns);
  weir_wg_wait(&all);
}
