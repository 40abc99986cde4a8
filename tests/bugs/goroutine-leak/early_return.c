// SPDX-License-Identifier: Apache-2.0
//
// The reader leaves at the first value it does not like, the writer has more.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
#include "leaks.h"

static void produce(weir_chan(int) values, weir_ctx *ctx) {
  for (int i = 0; i < 10; i++)
#ifdef FIXED
    if (weir_select(weir_on_send(values, i), weir_on_recv(weir_ctx_done(ctx), NULL, NULL))) return;
#else
    // CHECK-DAG: early_return.c:[[@LINE+1]]
    weir_send(values, i), (void)ctx;
#endif
}

static void find_three(void) {
  weir_chan(int) values = weir_chan_make(int, 0);
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_defer(weir_ctx_cancel(ctx));
  weir_go(produce, values, ctx);
  for (int v; weir_recv(values, &v);)
    if (v == 3) return;
}

int main(void) {
  EXPECT_LEAKED(5, 5, find_three);
  return 0;
}
