// SPDX-License-Identifier: Apache-2.0
//
// The acquire was cancelled, so it took nothing, but the units are given back all the same.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: semaphore over release
// CHECK: semaphore slots below zero
#include <weir/weir.h>

static weir_sem slots = WEIR_SEM(4);

static void fetch(weir_ctx *ctx, weir_chan(int) done) {
  int err = weir_sem_acquire(&slots, ctx, 2);
#ifdef FIXED
  if (!err)
#endif
    // CHECK-DAG: after_failure.c:[[@LINE+1]]
    weir_sem_release(&slots, 2);
  weir_send(done, err);
}

int main(void) {
  weir_chan(int) done = weir_chan_make(int, 0);
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_ctx_cancel(ctx);
  weir_go(fetch, ctx, done);
  weir_recv(done, NULL);
  weir_ctx_free(ctx);
  weir_chan_free(done);
  return 0;
}
