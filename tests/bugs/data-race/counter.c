// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines add to a global counter; one is long finished when the other does.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

static int total;
static weir_mutex mu;

static void add(weir_wg *wg, int turn) {
  weir_defer(weir_wg_done(wg));
  hidden_wait(turn);
#ifdef FIXED
  weir_guard(&mu);
#endif
  // CHECK-DAG: rite of size 4 {{.*}}goroutine {{[23]}}
  // CHECK-DAG: counter.c:[[@LINE+1]]
  total++;
  hidden_post();
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  // CHECK-DAG: counter.c:[[@LINE+1]]
  weir_go(add, &wg, 0);
  // CHECK-DAG: counter.c:[[@LINE+1]]
  weir_go(add, &wg, 1);
  weir_wg_wait(&wg);
  (void)mu;
  return total == 2 ? 0 : 1;
}
