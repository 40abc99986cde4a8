// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines take two locks in opposite order, one after the other in time, so it goes well.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_mutex mu_a, mu_b;

static void left(weir_wg *wg) {
  // CHECK-DAG: takes mutex mu_a{{.*}}ab_ba.c:[[@LINE+1]] in left
  weir_mutex_lock(&mu_a);
  // CHECK-DAG: wants mutex mu_b{{.*}}ab_ba.c:[[@LINE+1]] in left
  weir_mutex_lock(&mu_b);
  weir_mutex_unlock(&mu_b);
  weir_mutex_unlock(&mu_a);
  hidden_post();
  weir_wg_done(wg);
}

static void right(weir_wg *wg) {
  hidden_wait(1);
#ifdef FIXED
  weir_mutex_lock(&mu_a);
  weir_mutex_lock(&mu_b);
#else
  // CHECK-DAG: takes mutex mu_b{{.*}}ab_ba.c:[[@LINE+1]] in right
  weir_mutex_lock(&mu_b);
  // CHECK-DAG: wants mutex mu_a{{.*}}ab_ba.c:[[@LINE+1]] in right
  weir_mutex_lock(&mu_a);
#endif
  weir_mutex_unlock(&mu_a);
  weir_mutex_unlock(&mu_b);
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(left, &wg);
  weir_go(right, &wg);
  weir_wg_wait(&wg);
}
