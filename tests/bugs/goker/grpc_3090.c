// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_3090: A resolver that reports its first addresses while it is still being built has
// the wrapper poll it, and the poller reads the wrapper's resolver before or while it is set.
//
// A tool must name the field, the constructor that writes it without the lock, and the poller that
// reads it. In the fixed form a lock of the field's own is held over the building.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: new_resolver_wrapper poller poll resolver
#include <stdlib.h>
#include <weir/weir.h>

struct wrapper;
struct resolver {
  void (*resolve_now)(struct resolver *r);
  struct wrapper *cc;
};
struct wrapper {
  weir_mutex polling_mu;
  struct resolver *resolver;
#ifdef FIXED
  weir_mutex resolver_mu;
#endif
  weir_wg pollers;
};

static void poller(struct wrapper *w) {
#ifdef FIXED
  weir_mutex *mu = &w->resolver_mu;
#else
  weir_mutex *mu = &w->polling_mu;
#endif
  weir_mutex_lock(mu);
  struct resolver *r = w->resolver; // CHECK-DAG: grpc_3090.c:[[@LINE]]
  if (r) r->resolve_now(r);
  weir_mutex_unlock(mu);
  weir_wg_done(&w->pollers);
}

static void poll(struct wrapper *w) {
  weir_guard(&w->polling_mu);
  weir_wg_add(&w->pollers, 1);
  weir_go(poller, w); // CHECK-DAG: grpc_3090.c:[[@LINE]]
}

static void update_wrapper(struct wrapper *w) {
  poll(w);
}

static void update_state(struct resolver *r) {
  update_wrapper(r->cc);
}

static struct resolver *build(struct resolver *r, struct wrapper *w) {
  r->cc = w;
  update_state(r);
  return r;
}

static struct wrapper *new_resolver_wrapper(struct resolver *builder) {
  struct wrapper *w = calloc(1, sizeof *w);
#ifdef FIXED
  weir_guard(&w->resolver_mu);
#endif
  // CHECK-DAG: grpc_3090.c:[[@LINE+1]]
  w->resolver = build(builder, w);
  return w;
}

static void resolve_now(struct resolver *r) {
  (void)r;
}
static struct resolver manual = {.resolve_now = resolve_now};

static struct wrapper *dial_context(struct resolver *builder) {
  if (!builder) builder = &manual;
  return new_resolver_wrapper(builder);
}

static struct wrapper *dial(void) {
  return dial_context(NULL);
}

static void dialer(weir_wg *tests) {
  struct wrapper *w = dial();
#ifdef FIXED
  weir_wg_wait(&w->pollers);
#else
  (void)w;
  weir_sleep(WEIR_MS(5));
#endif
  weir_wg_done(tests);
}

int main(void) {
  static weir_wg tests;
  weir_wg_add(&tests, 1);
  weir_go(dialer, &tests);
  weir_wg_wait(&tests);
  return 0;
}
