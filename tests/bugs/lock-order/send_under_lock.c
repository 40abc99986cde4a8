// SPDX-License-Identifier: Apache-2.0
//
// A publisher hands over events with its lock in hand, and the subscriber takes that lock before
// it receives. This time the subscriber was first. In the fixed twin it has no need of the lock.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include "hidden.h"

static weir_rwmutex subscribers;
static int count;

static void subscribe(weir_chan(int) events, weir_wg *wg) {
#ifndef FIXED
  // CHECK-DAG: wants rwmutex subscribers{{.*}}send_under_lock.c:[[@LINE+1]] in subscribe
  weir_rwmutex_lock(&subscribers);
  count++;
  weir_rwmutex_unlock(&subscribers);
#endif
  hidden_post();
  // CHECK-DAG: still has to receive from{{.*}}send_under_lock.c:[[@LINE+1]]
  weir_recv(events, NULL);
  weir_wg_done(wg);
}

static void publish(weir_chan(int) events, weir_wg *wg) {
  hidden_wait(1);
  // CHECK-DAG: takes rwmutex subscribers{{.*}}send_under_lock.c:[[@LINE+1]] in publish
  weir_rwmutex_rlock(&subscribers);
  // CHECK-DAG: wants channel events{{.*}}send_under_lock.c:[[@LINE+1]] in publish
  weir_send(events, 1);
  weir_rwmutex_runlock(&subscribers);
  weir_wg_done(wg);
}

int main(void) {
  weir_chan(int) events = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(subscribe, events, &wg);
  weir_go(publish, events, &wg);
  weir_wg_wait(&wg);
}
