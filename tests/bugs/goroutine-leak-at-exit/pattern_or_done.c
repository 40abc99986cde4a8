// SPDX-License-Identifier: Apache-2.0
//
// A consumer that reads a channel to its end, which never comes: cancelling the context does
// not reach who does not look at it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: channel values
#include <weir/weir.h>

static void consume(weir_chan(int) in, weir_ctx *ctx, weir_chan(int) seen) {
  int v;
#ifdef FIXED
  bool ok = true;
  while (weir_select(weir_on_recv(in, &v, &ok), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) ==
             0 &&
         ok)
#else
  (void)ctx;
  // CHECK-DAG: pattern_or_done.c:[[@LINE+1]]
  while (weir_recv(in, &v))
#endif
    weir_send(seen, v);
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_chan(int) seen = weir_chan_make(int, 0);
  // CHECK-DAG: pattern_or_done.c:[[@LINE+1]]
  weir_go(consume, values, ctx, seen);
  weir_send(values, 1);
  weir_recv(seen, NULL);
  weir_ctx_cancel(ctx);
  return 0;
}
