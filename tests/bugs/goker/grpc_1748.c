// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_1748: A test sets the time limit of connections back when it has closed its own, but
// connections that the balancer made on its own account still read it.
//
// A tool must name the limit, the test that writes it, and a transport that reads it, which the
// balancer's watcher started. The fixed test waits for them all.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: min_connect_timeout tester create_transport watcher
#include <stdlib.h>
#include <weir/weir.h>

enum { ROUNDS = 10 };

struct addr_conn {
  weir_mutex mu;
  struct conn_wrapper *wrapper; // under mu
};
struct conn_wrapper {
  weir_mutex mu;
  struct addr_conn *ac;
};
struct balancer {
  void (*handle_addresses)(struct balancer *b);
  struct balancer_wrapper *factory;
  struct conn_wrapper *conn;
};
struct balancer_wrapper {
  struct balancer *balancer; // under balancer_mu
};

static int64_t min_connect_timeout = WEIR_S(10);
static weir_mutex balancer_mu;
static weir_wg tests;
#ifdef FIXED
static weir_wg connections;
#endif

__attribute__((noinline)) static int64_t deadline(void) {
  // CHECK-DAG: grpc_1748.c:[[@LINE+1]]
  return weir_now() + min_connect_timeout;
}

static void create_transport(struct addr_conn *ac) {
  volatile int64_t until = deadline();
  (void)until, (void)ac;
}

static void reset_transport(struct addr_conn *ac) {
  create_transport(ac);
#ifdef FIXED
  weir_wg_done(&connections);
#endif
}

static void connect(struct conn_wrapper *w) {
  weir_guard(&w->mu);
#ifdef FIXED
  weir_wg_add(&connections, 1);
#endif
  weir_go(reset_transport, w->ac);
}

static struct conn_wrapper *new_conn(void) {
  struct addr_conn *ac = calloc(1, sizeof *ac);
  struct conn_wrapper *w = calloc(1, sizeof *w);
  weir_guard(&ac->mu);
  ac->wrapper = w;
  w->ac = ac;
  return w;
}

static void pick_first(struct balancer *b) {
  b->conn = new_conn();
  connect(b->conn);
}

static void watcher(struct balancer_wrapper *w) {
  for (int i = 0; i < ROUNDS; i++) {
    weir_mutex_lock(&balancer_mu);
    struct balancer *b = w->balancer;
    weir_mutex_unlock(&balancer_mu);
    if (b) b->handle_addresses(b);
  }
#ifdef FIXED
  weir_wg_done(&connections);
#endif
}

static void switch_balancer(void) {
  struct balancer_wrapper *w = calloc(1, sizeof *w);
#ifdef FIXED
  weir_wg_add(&connections, 1);
#endif
  weir_go(watcher, w);
  struct balancer *b = calloc(1, sizeof *b);
  b->handle_addresses = pick_first;
  b->factory = w;
  weir_guard(&balancer_mu);
  w->balancer = b;
}

static void restore(int64_t timeout) {
#ifdef FIXED
  weir_wg_wait(&connections);
#endif
  // CHECK-DAG: grpc_1748.c:[[@LINE+1]]
  min_connect_timeout = timeout;
}

static void tester(void) {
  weir_defer(weir_wg_done(&tests));
  weir_defer(restore, min_connect_timeout);
  switch_balancer();
}

int main(void) {
  weir_wg_add(&tests, 1);
  weir_go(tester);
  weir_wg_wait(&tests);
  return 0;
}
