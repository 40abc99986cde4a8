// SPDX-License-Identifier: Apache-2.0
//
// One sends with a lock held; who is to receive wants that lock first. The lock is a global one,
// which everybody can reach, but only its holder is to unlock it.
//
// REQUIRES: races
// RUN: env TRIES=3 CERTAINTY=observed \
// RUN:   RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[observed]
// CHECK: is waiting for mutex mu
// CHECK-SAME: holds since lock_over_send.c:
// CHECK-SAME: neither can ever go on.
// CHECK-SAME: Observed, not proven: a goroutine that did not take the lock may unlock it.
#include "heartbeat.h"

static weir_mutex mu; // guards published
static int published;

static void publish(weir_chan(int) events, weir_chan(int) locked) {
  // CHECK-DAG: lock_over_send.c:[[@LINE+1]]
  weir_mutex_lock(&mu);
  int n = ++published;
#ifdef FIXED
  weir_mutex_unlock(&mu);
#endif
  weir_close(locked);
  // CHECK-DAG: lock_over_send.c:[[@LINE+1]]
  weir_send(events, n);
#ifndef FIXED
  weir_mutex_unlock(&mu);
#endif
}

static void consume(weir_chan(int) events, weir_chan(int) locked, weir_chan(int) done) {
  weir_recv(locked, NULL);
  {
    // CHECK-DAG: lock_over_send.c:[[@LINE+1]]
    weir_guard(&mu);
    published--;
  }
  weir_recv(events, NULL);
  weir_close(done);
}

static void start(weir_chan(int) done) {
  weir_chan(int) events = weir_chan_make(int, 0), locked = weir_chan_make(int, 0);
  weir_go(publish, events, locked);
  weir_go(consume, events, locked, done);
}

int main(void) {
  weir_chan(int) done = weir_chan_make(int, 0);
  heartbeat();
  start(done);
  weir_recv(done, NULL);
  return 0;
}
