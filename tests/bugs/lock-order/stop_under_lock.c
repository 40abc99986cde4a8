// SPDX-License-Identifier: Apache-2.0
//
// A monitor looks whether it shall stop between two probes, which take the lock; who stops it
// sends with the lock in hand. This time the monitor was past its probes. In the fixed twin the
// lock is given back before the send.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK-SAME: predicted
#include "hidden.h"

struct container {
  weir_mutex lock;
  int probes;
  weir_chan(char) stop;
};

static bool stopped(struct container *c) {
  return weir_select(weir_on_recv(c->stop, NULL, NULL), weir_on_default()) == 0;
}

static void probe(struct container *c) {
  // CHECK-DAG: wants mutex container.lock{{.*}}stop_under_lock.c:[[@LINE+1]] in probe
  weir_guard(&c->lock);
  c->probes++;
}

static void monitor(struct container *c, weir_wg *wg) {
  for (int i = 0; i < 3 && !stopped(c); i++)
    probe(c);
  hidden_post();
  // CHECK-DAG: still has to receive from
  weir_recv(c->stop, NULL);
  weir_wg_done(wg);
}

static void change_state(struct container *c, weir_wg *wg) {
  hidden_wait(1);
  // CHECK-DAG: takes mutex container.lock{{.*}}stop_under_lock.c:[[@LINE+1]] in change_state
  weir_mutex_lock(&c->lock);
#ifdef FIXED
  weir_mutex_unlock(&c->lock);
  weir_send(c->stop, 1);
#else
  // CHECK-DAG: wants channel container.stop{{.*}}stop_under_lock.c:[[@LINE+1]] in change_state
  weir_send(c->stop, 1);
  weir_mutex_unlock(&c->lock);
#endif
  weir_wg_done(wg);
}

int main(void) {
  static struct container c;
  weir_wg wg = {0};
  c.stop = weir_chan_make(char, 0);
  weir_wg_add(&wg, 2);
  weir_go(monitor, &c, &wg);
  weir_go(change_state, &c, &wg);
  weir_wg_wait(&wg);
}
