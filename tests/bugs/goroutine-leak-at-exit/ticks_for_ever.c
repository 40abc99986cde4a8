// SPDX-License-Identifier: Apache-2.0
//
// A goroutine looks at something at each tick until its context ends. One with a deadline ends by
// itself.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=atexit_settle_ms=400 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: (watch) goes round and round after main has returned
#include <weir/weir.h>

static int looks;

static void watch(weir_ctx *ctx) {
  weir_ticker *tick = weir_ticker_new(WEIR_MS(1));
  // CHECK-DAG: ticks_for_ever.c:[[@LINE+1]]
  while (weir_select(weir_on_recv(weir_ctx_done(ctx), NULL, NULL),
                     weir_on_recv(weir_ticker_chan(tick), NULL, NULL)) == 1)
    looks++;
  weir_ticker_free(tick);
}

int main(void) {
#ifdef FIXED
  weir_go(watch, weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(100)));
#else
  weir_go(watch, weir_ctx_with_cancel(weir_ctx_background()));
#endif
  return 0;
}
