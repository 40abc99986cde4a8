// SPDX-License-Identifier: Apache-2.0
//
// Nested monitors: waiting for the condition gives back the inner lock but not the outer one, and
// who would signal has to go through both.
//
// REQUIRES: races
// RUN: env TRIES=3 RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK: is waiting for condition variable {{.*}}, which only goroutine
// CHECK-SAME: could signal
#include "heartbeat.h"

struct pool {
  weir_mutex outer, inner;
  weir_cond filled; // inner; n is not 0
  int n;
  weir_chan(int) entered;
};

static void take(struct pool *p, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
#ifndef FIXED
  weir_guard(&p->outer);
#endif
  weir_guard(&p->inner);
  weir_close(p->entered);
  while (p->n == 0)
    // CHECK-DAG: nested_monitor.c:[[@LINE+1]]
    weir_cond_wait(&p->filled, &p->inner);
  p->n--;
}

static void put(struct pool *p, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_recv(p->entered, NULL);
  // CHECK-DAG: nested_monitor.c:[[@LINE+1]]
  weir_guard(&p->outer);
  weir_guard(&p->inner);
  p->n++;
  weir_cond_signal(&p->filled);
}

int main(void) {
  struct pool pool = {0}, *p = &pool;
  weir_wg wg = {0};
  p->entered = weir_chan_make(int, 0);
  heartbeat();
  weir_wg_add(&wg, 2);
  weir_go(take, p, &wg);
  weir_go(put, p, &wg);
  weir_wg_wait(&wg);
  return 0;
}
