// SPDX-License-Identifier: Apache-2.0
//
// Three goroutines, three locks: each takes one and then the next, the last one the first. The
// fixed twin takes the lowest first.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK: none of them can ever go on
#include "hidden.h"

static weir_mutex mu[3];

static void both(int first, int second) {
  // CHECK-DAG: ring_of_three.c:[[@LINE+1]] in both
  weir_mutex_lock(&mu[first]);
  // CHECK-DAG: ring_of_three.c:[[@LINE+1]] in both
  weir_mutex_lock(&mu[second]);
  weir_mutex_unlock(&mu[second]);
  weir_mutex_unlock(&mu[first]);
}

static void turn(int i, weir_wg *wg) {
  int next = (i + 1) % 3;
  hidden_wait(i);
#ifdef FIXED
  both(i < next ? i : next, i < next ? next : i);
#else
  both(i, next);
#endif
  hidden_post();
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 3);
  for (int i = 0; i < 3; i++)
    weir_go(turn, i, &wg);
  weir_wg_wait(&wg);
}
