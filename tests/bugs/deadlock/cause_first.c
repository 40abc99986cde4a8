// SPDX-License-Identifier: Apache-2.0
//
// main waits for a wait group, and many wait for a lock; the cause is the one that sends with the
// lock held, so it is named first.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: nothing can ever wake one: goroutine {{[0-9]+}} (store) is sending on channel stored
#include <weir/weir.h>

static weir_mutex mu;

static void store(weir_chan(int) stored, weir_chan(int) locked, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_guard(&mu);
  weir_close(locked);
  // CHECK-DAG: cause_first.c:[[@LINE+1]]
  weir_send(stored, 1);
}

static void load(weir_chan(int) locked, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_recv(locked, NULL);
  // CHECK-DAG: cause_first.c:[[@LINE+1]]
  weir_guard(&mu);
}

int main(void) {
#ifdef FIXED
  enum { ROOM = 1 };
#else
  enum { ROOM = 0 };
#endif
  weir_chan(int) stored = weir_chan_make(int, ROOM), locked = weir_chan_make(int, 0);
  static weir_wg wg;
  weir_wg_add(&wg, 5);
  weir_go(store, stored, locked, &wg);
  for (int i = 0; i < 4; i++)
    weir_go(load, locked, &wg);
  // CHECK-DAG: cause_first.c:[[@LINE+1]]
  weir_wg_wait(&wg);
  return 0;
}
