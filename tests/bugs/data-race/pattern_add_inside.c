// SPDX-License-Identifier: Apache-2.0
//
// Each goroutine counts itself in. The wait comes first, finds nobody to wait for, and main uses
// a result that is not there yet. weir_wg_go counts before it starts the goroutine.
// (The prediction of wait-group-race sees the same bug and is left out.)
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=predict=0 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
// CHECK: result
#include "hidden.h"

static weir_wg working;
static int result;

static void work(void) {
#ifndef FIXED
  hidden_wait(1);
  weir_wg_add(&working, 1);
#endif
  // CHECK-DAG: pattern_add_inside.c:[[@LINE+1]]
  result = 42;
#ifndef FIXED
  weir_wg_done(&working);
#endif
}

int main(void) {
#ifdef FIXED
  weir_wg_go(&working, work);
#else
  // CHECK-DAG: pattern_add_inside.c:[[@LINE+1]]
  weir_go(work);
#endif
  weir_wg_wait(&working);
  // CHECK-DAG: pattern_add_inside.c:[[@LINE+1]]
  int r = result;
  hidden_post();
  return r == 42 ? 0 : 1;
}
