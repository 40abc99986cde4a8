// SPDX-License-Identifier: Apache-2.0
//
// GoKer's serving_3148: The test hooks itself into the fake client when the controller that uses
// the client runs already.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: prepend_reactor invokes run_controller reaction_chain
//
// CHECK-DAG: data race
#include <stdlib.h>
#include <weir/weir.h>

struct reactor {
  void (*react)(void);
};

struct client_set {
  struct {
    struct reactor *reactors;
    size_t n;
  } reaction_chain;
};

struct reconciler {
  struct client_set *clients;
};

struct controller {
  struct reconciler *reconciler;
};

static void invokes(struct client_set *c) {
  // CHECK-DAG: ead of size 8 {{.*}} (process_work):
  // CHECK-DAG: at serving_3148.c:[[@LINE+1]] in invokes
  for (volatile size_t i = 0; i < c->reaction_chain.n; i++) {
  }
}

static void create(struct client_set *c) {
  invokes(c);
}

static void create_autoscaler(struct reconciler *r) {
  create(r->clients);
}

static void reconcile_autoscaler(struct reconciler *r) {
  create_autoscaler(r);
}

static void reconcile(struct reconciler *r) {
  static void (*const phases[])(struct reconciler *) = {reconcile_autoscaler};
  for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
    phases[i](r);
}

static void process_work(struct controller *c, weir_wg *workers) {
  reconcile(c->reconciler);
  weir_wg_done(workers);
}

static void run_controller(struct controller *c, weir_wg *group) {
  weir_wg workers = {0};
  weir_wg_add(&workers, 1);
  // CHECK-DAG: serving_3148.c:[[@LINE+1]]:
  weir_go(process_work, c, &workers);
  weir_wg_wait(&workers);
  weir_wg_done(group);
}

static void prepend_reactor(struct client_set *c) {
  struct reactor *r = calloc(1, sizeof *r);
  c->reaction_chain.reactors = r;
  // CHECK-DAG: rite of size 8 {{.*}} (test_reconcile):
  // CHECK-DAG: at serving_3148.c:[[@LINE+1]] in prepend_reactor
  c->reaction_chain.n = 1;
}

static void hook_on_update(struct client_set *c) {
  prepend_reactor(c);
}

static void test_reconcile(weir_wg *done) {
  struct client_set *clients = calloc(1, sizeof *clients);
  struct reconciler reconciler = {clients};
  struct controller controller = {&reconciler};
  weir_wg group = {0};
#ifdef FIXED
  hook_on_update(clients);
#endif
  weir_wg_add(&group, 1);
  weir_go(run_controller, &controller, &group);
#ifndef FIXED
  hook_on_update(clients);
#endif
  weir_wg_wait(&group);
  weir_wg_done(done);
}

int main(void) {
  weir_wg done = {0};
  weir_wg_add(&done, 1);
  weir_go(test_reconcile, &done);
  weir_wg_wait(&done);
  return 0;
}
