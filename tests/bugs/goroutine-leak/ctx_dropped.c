// SPDX-License-Identifier: Apache-2.0
//
// A context that is never cancelled, and that nobody has any more.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK: Its context was never cancelled
// CHECK-DAG: [chan receive]:
#include "leaks.h"

static void until_cancelled(weir_ctx *ctx) {
  // CHECK-DAG: ctx_dropped.c:[[@LINE+1]]
  weir_recv(weir_ctx_done(ctx), NULL);
}

static void handle(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_go(until_cancelled, ctx);
#ifdef FIXED
  weir_ctx_cancel(ctx);
#endif
}

int main(void) {
  EXPECT_LEAKED(5, 5, handle);
  return 0;
}
