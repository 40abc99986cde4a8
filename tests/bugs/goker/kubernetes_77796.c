// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_77796: A dispatch empties the buffer of watchers under the lock and then goes
// over the buffer without it, while the next one may be emptying it.
//
// A tool must name the buffer's length, the write under the lock, the read without it, and the two
// goroutines. The fixed dispatch goes over a copy.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: start_dispatching dispatch_event n_watchers
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

enum { MOST = 8, CALLERS = 3 };

struct watcher {
  int events;
};
struct cacher {
  weir_rwmutex mu;
  struct watcher *watchers[MOST];
  int n_watchers;
  weir_wg running;
};

#ifdef FIXED
static int start_dispatching(struct cacher *c, struct watcher *watchers[MOST]) {
  weir_guard(&c->mu);
  c->n_watchers = 0;
  memcpy(watchers, c->watchers, sizeof c->watchers);
  return c->n_watchers;
}

static int dispatch_event(struct cacher *c) {
  struct watcher *watchers[MOST];
  int n = start_dispatching(c, watchers), events = 0;
  for (int i = 0; i < n; i++)
    events += ++watchers[i]->events;
  return events;
}
#else
__attribute__((noinline)) static void start_dispatching(struct cacher *c) {
  weir_guard(&c->mu);
  c->n_watchers = 0; // CHECK-DAG: kubernetes_77796.c:[[@LINE]]
}

static int dispatch_event(struct cacher *c) {
  start_dispatching(c);
  int events = 0;
  // CHECK-DAG: kubernetes_77796.c:[[@LINE+1]]
  for (int i = 0; i < c->n_watchers; i++)
    events += ++c->watchers[i]->events;
  return events;
}
#endif

static void caller(struct cacher *c) {
  dispatch_event(c);
  weir_wg_done(&c->running);
}

static void dispatch_events(struct cacher *c) {
  dispatch_event(c);
  weir_wg_done(&c->running);
}

static struct cacher *new_cacher(void) {
  struct cacher *c = calloc(1, sizeof *c);
  weir_wg_add(&c->running, 1 + CALLERS);
  weir_go(dispatch_events, c);
  return c;
}

int main(void) {
  struct cacher *c = new_cacher();
  for (int i = 0; i < CALLERS; i++) {
    weir_go(caller, c);
    weir_sleep(WEIR_MS(2));
  }
#ifdef FIXED
  weir_wg_wait(&c->running);
#endif
  return 0;
}
