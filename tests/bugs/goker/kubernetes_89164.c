// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_89164: The buffer of watchers is emptied with the lock held and looked through
// without it, by the cacher's own dispatcher and by the test's.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: start_dispatching dispatch new_cacher watcher_buffer mu
//
// CHECK-DAG: data race
#include <stdlib.h>
#include <weir/weir.h>

struct watcher;

struct watchers {
  struct watcher **all;
  int n;
};

struct cacher {
  weir_rwmutex mu; // guards watcher_buffer
  struct watchers watcher_buffer;
};

static weir_wg dispatchers;

static void start_dispatching(struct cacher *c) {
  // CHECK-DAG: rite of size 4 {{.*}}, holding rwmutex cacher.mu
  weir_rwmutex_lock(&c->mu);
  // CHECK-DAG: at kubernetes_89164.c:[[@LINE+1]] in start_dispatching
  c->watcher_buffer.n = 0;
  weir_rwmutex_unlock(&c->mu);
}

static void dispatch(struct cacher *c) {
  start_dispatching(c);
#ifdef FIXED
  weir_rguard(&c->mu);
#endif
  // CHECK-DAG: ead of size 4 {{.*}} (dispatch{{.*}}):
  // CHECK-DAG: at kubernetes_89164.c:[[@LINE+1]] in dispatch
  for (volatile int i = 0; i < c->watcher_buffer.n; i++) {
  }
}

static void dispatch_events(struct cacher *c) {
  dispatch(c);
  weir_wg_done(&dispatchers);
}

static struct cacher *new_cacher(void) {
  struct cacher *c = calloc(1, sizeof *c);
  weir_wg_add(&dispatchers, 1);
  // CHECK-DAG: kubernetes_89164.c:[[@LINE+1]]:
  weir_go(dispatch_events, c);
  return c;
}

static void dispatch_once(struct cacher *c, weir_wg *wg) {
  dispatch(c);
  weir_wg_done(wg);
}

int main(void) {
  struct cacher *c = new_cacher();
  for (int i = 0; i < 3; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(dispatch_once, c, &wg);
    weir_wg_wait(&wg);
  }
#ifdef FIXED
  weir_wg_wait(&dispatchers);
#endif
  return 0;
}
