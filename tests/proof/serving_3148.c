// SPDX-License-Identifier: Apache-2.0
//
// serving_3148 with threads: the test hooks itself into the fake client when the controller that
// uses it runs already.
#include "threads.h"

struct client_set {
  struct {
    void *reactors;
    size_t n;
  } reaction_chain;
};

static void *process_work(void *arg) {
  struct client_set *c = arg;
  for (volatile size_t i = 0; i < c->reaction_chain.n; i++) {
  }
  return NULL;
}

static void *run_controller(void *clients) {
  join(start_thread(process_work, clients));
  return NULL;
}

static void prepend_reactor(struct client_set *c) {
  c->reaction_chain.reactors = calloc(1, sizeof(void *));
  c->reaction_chain.n = 1;
}

static void *test_reconcile(void *arg) {
  struct client_set *clients = calloc(1, sizeof *clients);
  (void)arg;
#ifdef FIXED
  prepend_reactor(clients);
#endif
  pthread_t controller = start_thread(run_controller, clients);
#ifndef FIXED
  prepend_reactor(clients);
#endif
  join(controller);
  return NULL;
}

int main(void) {
  join(start_thread(test_reconcile, NULL));
  return 0;
}
