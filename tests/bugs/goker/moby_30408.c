// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_30408: A plugin that could not be activated is waited for: the wait looks at what an
// activation brings and not at why there will be none, and nobody signals.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock goroutine-leak
// names: wait_active activated done main test_wait
#include <stdlib.h>
#include <weir/weir.h>

struct manifest;

struct plugin {
  weir_mutex mu;
  weir_cond activated; // with mu
  const char *activation_error;
  struct manifest *manifest; // NULL until it is activated
};

static bool must_wait(const struct plugin *p) {
#ifdef FIXED
  return !p->manifest && !p->activation_error;
#else
  return !p->manifest;
#endif
}

static const char *wait_active(struct plugin *p) {
  weir_mutex_lock(&p->mu);
  while (must_wait(p))
    // CHECK-DAG: at moby_30408.c:[[@LINE+1]] in wait_active
    weir_cond_wait(&p->activated, &p->mu);
  weir_mutex_unlock(&p->mu);
  return p->activation_error;
}

static void waiter(struct plugin *p, weir_chan(char) done) {
  wait_active(p);
  weir_close(done);
}

static void test_wait(struct plugin *p) {
  weir_chan(char) done = weir_chan_make(char, 0);
  // CHECK-DAG: moby_30408.c:[[@LINE+1]]:
  weir_go(waiter, p, done);
  // CHECK-DAG: at moby_30408.c:[[@LINE+1]] in test_wait
  weir_recv(done, NULL);
}

int main(void) {
  struct plugin *p = calloc(1, sizeof *p);
  p->activation_error = "some junk happened";
  test_wait(p);
  return 0;
}
