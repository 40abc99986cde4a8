// SPDX-License-Identifier: Apache-2.0
//
// A collector receives, counts with the lock, and receives again; a publisher sends with that lock
// in hand. The first receive has no need of the lock, but what was sent for it is gone. This time
// the collector had counted before. In the fixed twin it counts without the lock.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include <stdatomic.h>

#include "hidden.h"

static weir_mutex counting;
static atomic_int count;

static void collect(weir_chan(int) events, weir_wg *wg) {
  weir_recv(events, NULL);
#ifndef FIXED
  // CHECK-DAG: wants mutex counting{{.*}}send_between_receives.c:[[@LINE+1]] in collect
  weir_mutex_lock(&counting);
  count++;
  weir_mutex_unlock(&counting);
#else
  count++;
#endif
  hidden_post();
  // CHECK-DAG: still has to receive from{{.*}}send_between_receives.c:[[@LINE+1]]
  weir_recv(events, NULL);
  weir_wg_done(wg);
}

static void publish(weir_chan(int) events, weir_wg *wg) {
  hidden_wait(1);
  // CHECK-DAG: takes mutex counting{{.*}}send_between_receives.c:[[@LINE+1]] in publish
  weir_mutex_lock(&counting);
  // CHECK-DAG: wants channel events{{.*}}send_between_receives.c:[[@LINE+1]] in publish
  weir_send(events, 2);
  weir_mutex_unlock(&counting);
  weir_wg_done(wg);
}

int main(void) {
  weir_chan(int) events = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(collect, events, &wg);
  weir_go(publish, events, &wg);
  weir_send(events, 1);
  weir_wg_wait(&wg);
}
