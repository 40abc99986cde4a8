// SPDX-License-Identifier: Apache-2.0
//
// A wait group counts the requests in flight, and who shuts down waits for them; but nothing says
// that no more come. In the twin the listener is over before.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: wait group race {{.*}} [predicted]
// CHECK-DAG: by goroutine 1 (main)
// CHECK-DAG: by goroutine 2 (listen)
#include "hidden.h"

struct server {
  weir_wg in_flight, listeners;
};

static void handle(struct server *s) {
  weir_wg_done(&s->in_flight);
}

static void listen(struct server *s) {
  for (int i = 0; i < 3; i++) {
    // CHECK-DAG: requests_in_flight.c:[[@LINE+1]]
    weir_wg_add(&s->in_flight, 1);
    handle(s);
  }
  weir_wg_done(&s->listeners);
  hidden_post();
}

int main(void) {
  static struct server server;
  weir_wg_add(&server.listeners, 1);
  weir_go(listen, &server);
#ifdef FIXED
  weir_wg_wait(&server.listeners);
#endif
  hidden_wait(1);
  // CHECK-DAG: requests_in_flight.c:[[@LINE+1]]
  weir_wg_wait(&server.in_flight);
  return 0;
}
