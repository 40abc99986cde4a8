// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_18101: The receiver takes one value and leaves; the sender has more than the
// channel holds.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: split ready restore
#include <weir/weir.h>

enum { CAP = 6 };
static weir_wg all;

static void split(weir_ctx *ctx, weir_chan(bool) ready) {
  for (int i = 0; i < CAP + 2; i++) {
    bool v = i > 0;
#ifdef FIXED
    if (weir_select(weir_on_send(ready, v), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
      break;
#else
    (void)ctx;
    weir_send(ready, v);
#endif
  }
  weir_close(ready);
  weir_wg_done(&all);
}

static void restore(weir_ctx *ctx) {
  weir_chan(bool) ready = weir_chan_make(bool, CAP);
  weir_wg_add(&all, 1);
  weir_go(split, ctx, ready);
  bool v;
  while (weir_recv(ready, &v)) {
    weir_select(weir_on_recv(weir_ctx_done(ctx), NULL, NULL));
    break;
  }
  weir_wg_done(&all);
}

static void helper(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
  weir_wg_done(&all);
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg_add(&all, 2);
  weir_go(restore, ctx);
  weir_go(helper, ctx);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
