// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_13197: A transaction is thrown away and never rolled back, so nothing ever
// cancels its context.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: await_done begin
#include <stdlib.h>
#include <weir/weir.h>

struct tx {
  weir_ctx *ctx;
};
static weir_wg all;

static void await_done(struct tx *t) {
  weir_recv(weir_ctx_done(t->ctx), NULL);
  weir_wg_done(&all);
}

static struct tx *begin(void) {
  struct tx *t = malloc(sizeof *t);
  t->ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg_add(&all, 1);
  weir_go(await_done, t);
  return t;
}

static void close_tx(struct tx *t) {
  weir_ctx_cancel(t->ctx);
}

static void inner_rollback(struct tx *t) {
  close_tx(t);
}

void rollback(struct tx *t) {
  inner_rollback(t);
}

int main(void) {
  struct tx *t = begin();
#ifdef FIXED
  rollback(t);
  weir_wg_wait(&all);
#else
  (void)t;
#endif
  return 0;
}
