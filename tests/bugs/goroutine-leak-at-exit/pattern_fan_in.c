// SPDX-License-Identifier: Apache-2.0
//
// Fan-in whose reader returns at the first hit: the other searchers wait for ever to tell
// theirs. In the twin they also look at the context.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=leak_check=0 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: 2 goroutines were still blocked when main had returned: sending on channel hits
#include <weir/weir.h>

enum { SHARDS = 3 };
static volatile int shards = SHARDS; // a loop that is not unrolled starts all in one place

static void search(int shard, weir_chan(int) hits, weir_ctx *ctx) {
#ifdef FIXED
  weir_select(weir_on_send(hits, shard), weir_on_recv(weir_ctx_done(ctx), NULL, NULL));
#else
  (void)ctx;
  // CHECK-DAG: pattern_fan_in.c:[[@LINE+1]]
  weir_send(hits, shard);
#endif
}

static int first_hit(weir_wg *searching, weir_ctx *ctx) {
  // CHECK-DAG: channel hits
  weir_chan(int) hits = weir_chan_make(int, 0);
  for (int i = 0; i < shards; i++)
    // CHECK-DAG: pattern_fan_in.c:[[@LINE+1]]
    weir_wg_go(searching, search, i, hits, ctx);
  int hit;
  weir_recv(hits, &hit);
  return hit;
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  static weir_wg searching; // not on the stack of main, which returns before the others end
  int hit = first_hit(&searching, ctx);
  weir_ctx_cancel(ctx);
#ifdef FIXED
  weir_wg_wait(&searching);
#endif
  weir_ctx_free(ctx);
  return hit < SHARDS ? 0 : 1;
}
