// SPDX-License-Identifier: Apache-2.0
//
// A goroutine locks a mutex that it holds already, two calls further down.
//
// REQUIRES: races
// RUN: env CERTAINTY=observed \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: Observed, not proven: another goroutine may unlock it in its place.
#include <weir/weir.h>

struct counter {
  weir_mutex mu;
  int n;
};

static int get(struct counter *c) {
  // CHECK-DAG: locked_twice.c:[[@LINE+1]]
  weir_guard(&c->mu);
  return c->n;
}

static void increase(struct counter *c, weir_chan(int) done) {
#ifdef FIXED
  int n = get(c);
#endif
  // CHECK-DAG: locked_twice.c:[[@LINE+1]]
  weir_mutex_lock(&c->mu);
#ifndef FIXED
  int n = get(c);
#endif
  c->n = n + 1;
  weir_mutex_unlock(&c->mu);
  weir_send(done, 1);
}

int main(void) {
  static struct counter c;
  weir_chan(int) done = weir_chan_make(int, 1);
  weir_go(increase, &c, done);
#ifdef FIXED
  weir_recv(done, NULL);
#endif
  return 0;
}
