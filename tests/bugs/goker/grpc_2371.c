// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_2371: A service configuration arrives for a connection that has been closed. All
// accesses are under the connection's lock; it is the order that is wrong, and the balancer that
// the watcher calls is gone.
//
// A tool must name the watcher that crashes, and where it was started; a data race would be a false
// alarm. The fixed watcher looks whether the connection is closed.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: crash
// names: watcher handle_resolved_addresses dial
#include <stdlib.h>
#include <weir/weir.h>

enum { CONNECTIONS = 10 };

struct client_conn;
struct balancer_wrapper {
  struct client_conn *cc;
  weir_chan(int) updates;
};
struct resolver_wrapper {
  struct client_conn *cc;
};
struct client_conn {
  weir_rwmutex mu;
  struct balancer_wrapper *balancer; // under mu, as the next
  struct resolver_wrapper *resolver;
  weir_wg *running;
};

__attribute__((noinline)) static void handle_resolved_addresses(struct balancer_wrapper *b) {
  // CHECK-DAG: grpc_2371.c:[[@LINE+1]]
  weir_chan(int) updates = b->updates;
  weir_select(weir_on_recv(updates, NULL, NULL), weir_on_default());
  weir_send(updates, 1);
}

static void handle_service_config(struct client_conn *cc) {
  weir_rwmutex_lock(&cc->mu);
#ifdef FIXED
  if (!cc->balancer) {
    weir_rwmutex_unlock(&cc->mu);
    return;
  }
#endif
  // CHECK-DAG: grpc_2371.c:[[@LINE+1]]
  handle_resolved_addresses(cc->balancer);
  weir_rwmutex_unlock(&cc->mu);
}

static void watcher(struct resolver_wrapper *r) {
  struct client_conn *cc = r->cc;
  handle_service_config(cc);
  weir_wg_done(cc->running);
}

static struct client_conn *dial(weir_wg *running) {
  struct client_conn *cc = calloc(1, sizeof *cc);
  cc->running = running;
  cc->resolver = calloc(1, sizeof *cc->resolver);
  cc->resolver->cc = cc;
  cc->balancer = calloc(1, sizeof *cc->balancer);
  cc->balancer->cc = cc;
  cc->balancer->updates = weir_chan_make(int, 1);
  // CHECK-DAG: grpc_2371.c:[[@LINE+1]]
  weir_go(watcher, cc->resolver);
  return cc;
}

static void closer(struct client_conn *cc) {
  weir_rwmutex_lock(&cc->mu);
  cc->balancer = NULL;
  cc->resolver = NULL;
  weir_rwmutex_unlock(&cc->mu);
  weir_wg_done(cc->running);
}

int main(void) {
  static weir_wg running;
  weir_wg_add(&running, 2 * CONNECTIONS);
  for (int i = 0; i < CONNECTIONS; i++)
    weir_go(closer, dial(&running));
#ifdef FIXED
  weir_wg_wait(&running);
#else
  weir_sleep(WEIR_MS(10));
#endif
  return 0;
}
