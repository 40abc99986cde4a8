// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_10790: A drainer waits for values that a sender, told of the cancel, will
// not send.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: drainer waiter
#include <weir/weir.h>

static weir_chan(bool) c[2];
static weir_chan(char) quiesce;
static weir_wg all;

static void sender(weir_ctx *ctx) {
  bool t = true;
  for (int i = 0; i < 2; i++)
    if (weir_select(weir_on_send(c[i], t), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
      break;
  weir_wg_done(&all);
}

static void drainer(void) {
  for (int i = 0; i < 2; i++) {
#ifdef FIXED
    if (weir_select(weir_on_recv(c[i], NULL, NULL), weir_on_recv(quiesce, NULL, NULL)) == 1) break;
#else
    weir_recv(c[i], NULL);
#endif
  }
  weir_wg_done(&all);
}

static void waiter(weir_ctx *ctx) {
  for (int i = 0; i < 2; i++)
    if (weir_select(weir_on_recv(c[i], NULL, NULL), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) ==
        1) {
      weir_wg_add(&all, 1);
      weir_go(drainer);
    }
  weir_wg_done(&all);
}

static void canceller(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
  weir_wg_done(&all);
}

int main(void) {
  c[0] = weir_chan_make(bool, 0);
  c[1] = weir_chan_make(bool, 0);
  quiesce = weir_chan_make(char, 0);
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg_add(&all, 3);
  weir_go(sender, ctx);
  weir_go(waiter, ctx);
  weir_go(canceller, ctx);
  weir_close(quiesce);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
