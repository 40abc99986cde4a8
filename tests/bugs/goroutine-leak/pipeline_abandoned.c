// SPDX-License-Identifier: Apache-2.0
//
// Three stages; who takes from the last one has seen enough. Each stage waits for the next one to
// take what it has, so all of them stay.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
#include "leaks.h"

static bool pass(weir_chan(int) out, int n, weir_ctx *ctx) {
#ifdef FIXED
  return weir_select(weir_on_send(out, n), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0;
#else
  (void)ctx;
  // CHECK-DAG: pipeline_abandoned.c:[[@LINE+1]]
  weir_send(out, n);
  return true;
#endif
}

static void generate(weir_chan(int) out, weir_ctx *ctx) {
  for (int i = 0; pass(out, i, ctx);)
    i++;
  weir_close(out);
}

static void add_one(weir_chan(int) in, weir_chan(int) out, weir_ctx *ctx) {
  for (int n; weir_recv(in, &n) && pass(out, n + 1, ctx);)
    ;
  weir_close(out);
}

static void take_three(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0), c = weir_chan_make(int, 2);
  weir_ctx *ctx = weir_ctx_with_cancel(NULL);
  weir_go(generate, a, ctx);
  weir_go(add_one, a, b, ctx);
  weir_go(add_one, b, c, ctx);
  for (int i = 0, n; i < 3; i++)
    weir_recv(c, &n);
  weir_ctx_cancel(ctx);
}

int main(void) {
  EXPECT_LEAKED(15, 5, take_three);
  return 0;
}
