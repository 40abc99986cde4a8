// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_80284: Two goroutines set up one authenticator, each with a dialer of its own,
// and both store what is to be done when certificates are rotated.
//
// A tool must name the field and show two goroutines, though they write in the same line and were
// started in the same line. The fixed form has a lock around the store.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: update_transport on_rotate main
#include <stdlib.h>
#include <weir/weir.h>

enum { CONFIGS = 2 };

struct dialer {
  int connections;
};
struct authenticator {
#ifdef FIXED
  weir_mutex mu;
#endif
  void (*on_rotate)(struct dialer *d);
};

static void close_all(struct dialer *d) {
  d->connections = 0;
}

static void update_transport(struct authenticator *a, weir_wg *updates) {
  weir_defer(weir_wg_done(updates));
#ifdef FIXED
  weir_guard(&a->mu);
#endif
  a->on_rotate = close_all; // CHECK-DAG: kubernetes_80284.c:[[@LINE]]
}

int main(void) {
  static weir_wg updates;
  struct authenticator *a = calloc(1, sizeof *a);
  weir_wg_add(&updates, CONFIGS);
  for (int i = 0; i < CONFIGS; i++)
    weir_go(update_transport, a, &updates); // CHECK-DAG: kubernetes_80284.c:[[@LINE]]
  weir_wg_wait(&updates);
  return !a->on_rotate;
}
