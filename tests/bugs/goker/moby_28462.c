// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_28462: Who changes a container's state tells the monitor to stop, with the lock of
// the container held. The monitor receives that only between two probes, and a probe takes the
// lock.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit lock-order
// names: monitor change_state stop
#include <stdlib.h>
#include <weir/weir.h>

struct health {
  weir_chan(char) stop;
};

struct container {
  weir_mutex lock; // guards health
  struct health *health;
};

struct daemon {
  struct container *containers[1];
};

static weir_wg all;

#ifdef FIXED
static bool is_closed(weir_chan(char) ch) {
  return weir_select(weir_on_recv(ch, NULL, NULL), weir_on_default()) == 0;
}
#endif

static void handle_probe_result(struct container *c, weir_chan(char) stop) {
  // CHECK-DAG: at moby_28462.c:[[@LINE+1]]
  weir_mutex_lock(&c->lock);
#ifdef FIXED
  volatile bool dropped = is_closed(stop);
  (void)dropped;
#else
  (void)stop;
#endif
  weir_mutex_unlock(&c->lock);
}

static void monitor(struct container *c, weir_chan(char) stop) {
  while (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) == WEIR_DEFAULT)
    handle_probe_result(c, stop);
  weir_wg_done(&all);
}

static void close_monitor(struct health *h) {
  if (!h->stop) return;
#ifdef FIXED
  weir_close(h->stop);
  h->stop = NULL;
#else
  // CHECK-DAG: at moby_28462.c:[[@LINE+1]]
  weir_send(h->stop, 0);
#endif
}

static void update_health_monitor(struct container *c) {
  close_monitor(c->health);
}

static void change_state(struct daemon *d) {
  struct container *c = d->containers[0];
  // CHECK-DAG: at moby_28462.c:[[@LINE+1]]
  weir_mutex_lock(&c->lock);
  update_health_monitor(c);
  weir_mutex_unlock(&c->lock);
  weir_wg_done(&all);
}

int main(void) {
  struct container *c = calloc(1, sizeof *c);
  struct daemon *d = malloc(sizeof *d);
  c->health = malloc(sizeof *c->health);
  c->health->stop = weir_chan_make(char, 0);
  d->containers[0] = c;
  weir_wg_add(&all, 2);
  weir_go(monitor, c, c->health->stop);
  weir_go(change_state, d);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
