// SPDX-License-Identifier: Apache-2.0
//
// A lock that was only tried for is held all the same while the next one is waited for. In the
// fixed twin the second one is tried for, so nobody waits there.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_mutex mu_a, mu_b;

static void tries(weir_wg *wg) {
#ifdef FIXED
  weir_mutex_lock(&mu_a);
  if (weir_mutex_trylock(&mu_b)) weir_mutex_unlock(&mu_b);
  weir_mutex_unlock(&mu_a);
#else
  // CHECK-DAG: tried_and_waited.c:[[@LINE+1]] in tries
  if (weir_mutex_trylock(&mu_a)) {
    // CHECK-DAG: tried_and_waited.c:[[@LINE+1]] in tries
    weir_mutex_lock(&mu_b);
    weir_mutex_unlock(&mu_b);
    weir_mutex_unlock(&mu_a);
  }
#endif
  hidden_post();
  weir_wg_done(wg);
}

static void waits(weir_wg *wg) {
  hidden_wait(1);
  // CHECK-DAG: tried_and_waited.c:[[@LINE+1]] in waits
  weir_mutex_lock(&mu_b);
  // CHECK-DAG: tried_and_waited.c:[[@LINE+1]] in waits
  weir_mutex_lock(&mu_a);
  weir_mutex_unlock(&mu_a);
  weir_mutex_unlock(&mu_b);
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(tries, &wg);
  weir_go(waits, &wg);
  weir_wg_wait(&wg);
}
