// SPDX-License-Identifier: Apache-2.0
//
// The closer comes before the watcher, which uses what the closer has taken away: every access is
// under the lock, so it is the order that is wrong. The fixed twin asks.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: Weir: crash
// CHECK: (watch) used memory that is not there or not its to use at
// CHECK: a null pointer, plus 8. SIGSEGV ended the program.
// CHECK: and holds rwmutex connection.mu
// CHECK: resolved(
// CHECK: watch(
// CHECK: created by dial in goroutine 1
// CHECK: SUMMARY: Weir: crash closed_first.c:[[@LINE+17]] in resolved
#include <stdlib.h>
#include <weir/weir.h>

struct balancer {
  long addresses, updates;
};
struct connection {
  weir_rwmutex mu;
  struct balancer *balancer;
  weir_chan(int) closed;
};

__attribute__((noinline)) static void resolved(struct connection *c) {
#ifdef FIXED
  if (!c->balancer) return;
#endif
  c->balancer->updates++;
}

static void watch(struct connection *c, weir_wg *wg) {
  weir_recv(c->closed, NULL);
  weir_rwmutex_lock(&c->mu);
  resolved(c);
  weir_rwmutex_unlock(&c->mu);
  weir_wg_done(wg);
}

static void close_it(struct connection *c) {
  weir_rwmutex_lock(&c->mu);
  free(c->balancer);
  c->balancer = NULL;
  weir_rwmutex_unlock(&c->mu);
  weir_close(c->closed);
}

__attribute__((noinline)) static void dial(struct connection *c, weir_wg *wg) {
  c->balancer = calloc(1, sizeof *c->balancer);
  c->closed = weir_chan_make(int, 0);
  weir_go(watch, c, wg);
}

int main(void) {
  static struct connection c;
  static weir_wg wg;
  weir_wg_add(&wg, 1);
  dial(&c, &wg);
  close_it(&c);
  weir_wg_wait(&wg);
}
