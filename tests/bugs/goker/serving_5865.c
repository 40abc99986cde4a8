// SPDX-License-Identifier: Apache-2.0
//
// GoKer's serving_5865: A watcher closes its channel of destinations to say that it has ended. It
// is the receiving side, and somebody still sends.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: send-on-closed send-close-race
// names: endpoints_updated run_watcher destinations
#include <stdlib.h>
#include <weir/weir.h>

struct revision_watcher {
  weir_chan(int) destinations;
  weir_chan(char) done;
};

struct manager {
  weir_rwmutex mu; // guards watcher
  struct revision_watcher *watcher;
};

static void run_watcher(struct revision_watcher *rw) {
#ifdef FIXED
  weir_close(rw->done);
#else
  // CHECK-DAG: at serving_5865.c:[[@LINE+1]] in run_watcher
  weir_close(rw->destinations);
#endif
}

static struct revision_watcher *get_or_create(struct manager *m) {
  weir_guard(&m->mu);
  if (!m->watcher) {
    struct revision_watcher *rw = malloc(sizeof *rw);
    rw->destinations = weir_chan_make(int, 0);
    rw->done = weir_chan_make(char, 0);
    // CHECK-DAG: serving_5865.c:[[@LINE+1]]:
    weir_go(run_watcher, rw);
    m->watcher = rw;
  }
  return m->watcher;
}

static void endpoints_updated(struct manager *m, int destination) {
  struct revision_watcher *rw = get_or_create(m);
#ifdef FIXED
  weir_select(weir_on_recv(rw->done, NULL, NULL), weir_on_send(rw->destinations, destination));
#else
  // CHECK-DAG: at serving_5865.c:[[@LINE+1]] in endpoints_updated
  weir_send(rw->destinations, destination);
#endif
}

int main(void) {
  struct manager *m = calloc(1, sizeof *m);
  endpoints_updated(m, 1);
  return 0;
}
