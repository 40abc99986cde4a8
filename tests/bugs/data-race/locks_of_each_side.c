// SPDX-License-Identifier: Apache-2.0
//
// Both sides hold a mutex, but not the same one. The report says which each holds.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

static weir_mutex mu_a, mu_b;
static int shared;

static void with(weir_mutex *mu, int turn, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  hidden_wait(turn);
  // CHECK-DAG: locks_of_each_side.c:[[@LINE+1]]
  weir_mutex_lock(mu);
  // CHECK-DAG: locks_of_each_side.c:[[@LINE+1]]
  shared++;
  weir_mutex_unlock(mu);
  hidden_post();
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(with, &mu_a, 0, &wg);
#ifdef FIXED
  weir_go(with, &mu_a, 1, &wg);
#else
  weir_go(with, &mu_b, 1, &wg);
#endif
  weir_wg_wait(&wg);
  (void)mu_b;
  return 0;
}
