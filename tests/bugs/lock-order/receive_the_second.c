// SPDX-License-Identifier: Apache-2.0
//
// A source sends, notes it with the lock, and sends again; the sink waits for the second with that
// lock in hand. In the fixed twin it waits without.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include "hidden.h"

static weir_mutex notes;
static int noted;

static void source(weir_chan(int) values, weir_wg *wg) {
  weir_send(values, 1);
  // CHECK-DAG: wants mutex notes{{.*}}receive_the_second.c:[[@LINE+1]] in source
  weir_mutex_lock(&notes);
  noted++;
  weir_mutex_unlock(&notes);
  hidden_post();
  // CHECK-DAG: still has to send on{{.*}}receive_the_second.c:[[@LINE+1]]
  weir_send(values, 2);
  weir_wg_done(wg);
}

static void sink(weir_chan(int) values, weir_wg *wg) {
  int first, second;
  weir_recv(values, &first);
  hidden_wait(1);
#ifdef FIXED
  weir_recv(values, &second);
  weir_guard(&notes);
#else
  // CHECK-DAG: takes mutex notes{{.*}}receive_the_second.c:[[@LINE+1]] in sink
  weir_mutex_lock(&notes);
  // CHECK-DAG: wants channel values{{.*}}receive_the_second.c:[[@LINE+1]] in sink
  weir_recv(values, &second);
  weir_mutex_unlock(&notes);
#endif
  weir_wg_done(wg);
}

int main(void) {
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(source, values, &wg);
  weir_go(sink, values, &wg);
  weir_wg_wait(&wg);
}
