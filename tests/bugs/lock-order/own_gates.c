// SPDX-License-Identifier: Apache-2.0
//
// Each side takes the two locks below a third one, but not below the same: that is no gate. In the
// fixed twin both have the same gate.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_mutex gate, other_gate, mu_a, mu_b;

static void use(weir_mutex *outer, weir_mutex *first, weir_mutex *second, int when, weir_wg *wg) {
  hidden_wait(when);
  weir_mutex_lock(outer);
  // CHECK-DAG: own_gates.c:[[@LINE+1]] in use
  weir_mutex_lock(first);
  // CHECK-DAG: own_gates.c:[[@LINE+1]] in use
  weir_mutex_lock(second);
  weir_mutex_unlock(second);
  weir_mutex_unlock(first);
  weir_mutex_unlock(outer);
  hidden_post();
  weir_wg_done(wg);
}

int main(void) {
  weir_mutex *second_gate = &other_gate;
#ifdef FIXED
  second_gate = &gate;
#endif
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(use, &gate, &mu_a, &mu_b, 0, &wg);
  weir_go(use, second_gate, &mu_b, &mu_a, 1, &wg);
  weir_wg_wait(&wg);
}
