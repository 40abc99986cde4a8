// SPDX-License-Identifier: Apache-2.0
//
// main waits for its workers with the lock in hand that each of them takes; this time they were
// through with it. The fixed twin gives it back before it waits.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include "hidden.h"

static weir_mutex mu;
static int sum;

static void work(int n, weir_wg *workers) {
  // CHECK-DAG: wants mutex mu{{.*}}wait_under_lock.c:[[@LINE+1]] in work
  weir_mutex_lock(&mu);
  sum += n;
  weir_mutex_unlock(&mu);
  hidden_post();
  // CHECK-DAG: still has to be done with{{.*}}wait_under_lock.c:[[@LINE+1]]
  weir_wg_done(workers);
}

int main(void) {
  weir_wg workers = {0};
  weir_wg_add(&workers, 2);
  weir_go(work, 1, &workers);
  weir_go(work, 2, &workers);
  hidden_wait(2);
  // CHECK-DAG: takes mutex mu{{.*}}wait_under_lock.c:[[@LINE+1]] in main
  weir_mutex_lock(&mu);
  sum *= 2;
#ifdef FIXED
  weir_mutex_unlock(&mu);
  weir_wg_wait(&workers);
#else
  // CHECK-DAG: wants wait group workers{{.*}}wait_under_lock.c:[[@LINE+1]] in main
  weir_wg_wait(&workers);
  weir_mutex_unlock(&mu);
#endif
}
