// SPDX-License-Identifier: Apache-2.0
//
// One receives with a lock in hand that whoever sends needs first; this time the value was there
// already. The fixed twin receives before it takes the lock.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include "hidden.h"

static weir_mutex mu;
static int total;

static void produce(weir_chan(int) values) {
  // CHECK-DAG: wants mutex mu{{.*}}receive_under_lock.c:[[@LINE+1]] in produce
  weir_mutex_lock(&mu);
  total++;
  weir_mutex_unlock(&mu);
  // CHECK-DAG: still has to send on{{.*}}receive_under_lock.c:[[@LINE+1]]
  weir_send(values, 1);
  hidden_post();
}

static void consume(weir_chan(int) values, weir_wg *wg) {
  int v;
  hidden_wait(1);
#ifdef FIXED
  weir_recv(values, &v);
  weir_mutex_lock(&mu);
#else
  // CHECK-DAG: takes mutex mu{{.*}}receive_under_lock.c:[[@LINE+1]] in consume
  weir_mutex_lock(&mu);
  // CHECK-DAG: wants channel values{{.*}}receive_under_lock.c:[[@LINE+1]] in consume
  weir_recv(values, &v);
#endif
  total += v;
  weir_mutex_unlock(&mu);
  weir_wg_done(wg);
}

int main(void) {
  weir_chan(int) values = weir_chan_make(int, 1);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(consume, values, &wg);
  weir_go(produce, values);
  weir_wg_wait(&wg);
}
