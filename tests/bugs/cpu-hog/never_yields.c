// SPDX-License-Identifier: Apache-2.0
//
// More goroutines compute than there are workers, and none of them gives way: the others wait. The
// fixed ones yield between pieces of their work.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=cpu_hog_ms=200:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: cpu hog
// CHECK-SAME: [suspected]
// CHECK: (work) has kept its worker for
#include <weir/weir.h>

#include "compute.h"

#ifdef FIXED
enum { PIECES = 20, PIECE_MS = 10 };
#else
enum { PIECES = 1, PIECE_MS = 1000 };
#endif

static void work(void) {
  for (int i = 0; i < PIECES; i++) {
    // CHECK-DAG: never_yields.c:[[#@LINE+1]]
    compute(PIECE_MS);
    weir_yield();
  }
}

int main(void) {
  weir_wg all = {0};
  for (int i = 0; i < 3; i++)
    weir_wg_go(&all, work);
  weir_wg_wait(&all);
}
