// SPDX-License-Identifier: Apache-2.0
//
// One waits for a message with the read side of an rwmutex held. Who would send it wants to read,
// too, but a writer has come in between.
//
// REQUIRES: races
// RUN: env TRIES=3 RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK: is receiving from channel {{.*}} which only goroutine
// CHECK-SAME: is waiting for rwmutex
#include "heartbeat.h"

struct table {
  weir_rwmutex rw;
  weir_chan(int) changes, reading;
};

static void follow(struct table *t, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_rwmutex_rlock(&t->rw);
#ifdef FIXED
  weir_rwmutex_runlock(&t->rw);
#endif
  weir_close(t->reading);
  // CHECK-DAG: reader_over_receive.c:[[@LINE+1]]
  weir_recv(t->changes, NULL);
#ifndef FIXED
  weir_rwmutex_runlock(&t->rw);
#endif
}

static void change(struct table *t, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_guard(&t->rw);
}

static void announce(struct table *t, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
#ifndef FIXED
  while (weir_rwmutex_tryrlock(&t->rw)) { // a try fails as soon as somebody waits
    weir_rwmutex_runlock(&t->rw);
    weir_yield();
  }
#endif
  // CHECK-DAG: reader_over_receive.c:[[@LINE+1]]
  weir_rguard(&t->rw);
  weir_send(t->changes, 1);
}

int main(void) {
  struct table table = {0}, *t = &table;
  weir_wg wg = {0};
  t->changes = weir_chan_make(int, 0);
  t->reading = weir_chan_make(int, 0);
  heartbeat();
  weir_wg_add(&wg, 3);
  weir_go(follow, t, &wg);
  weir_recv(t->reading, NULL);
  weir_go(change, t, &wg);
  weir_go(announce, t, &wg);
  weir_wg_wait(&wg);
  return 0;
}
