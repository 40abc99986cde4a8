// SPDX-License-Identifier: Apache-2.0
//
// The last stage of a pipeline fails and leaves. The stage before sends without looking at the
// context of the group, and the group waits for it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK-DAG: goroutine 1 [sync.WaitGroup.Wait]:
// CHECK-DAG: [chan send]:
#include <errno.h>
#include <weir/weir.h>

static int produce(weir_ctx *ctx, weir_chan(int) out) {
  weir_defer(weir_close(out));
  for (int i = 0; i < 10; i++)
#ifdef FIXED
    if (weir_select(weir_on_send(out, i), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
      return weir_ctx_err(ctx);
#else
    // CHECK-DAG: pattern_pipeline.c:[[@LINE+1]]
    weir_send(out, i);
#endif
  return ctx ? 0 : EINVAL;
}

static int consume(weir_chan(int) in) {
  int v;
  while (weir_recv(in, &v))
    if (v == 3) return EIO;
  return 0;
}

int main(void) {
  weir_group stages = weir_group_with_ctx(weir_ctx_background());
  // CHECK-DAG: channel numbers
  weir_chan(int) numbers = weir_chan_make(int, 0);
  weir_group_go(&stages, produce, weir_group_ctx(&stages), numbers);
  weir_group_go(&stages, consume, numbers);
  // CHECK-DAG: pattern_pipeline.c:[[@LINE+1]]
  int err = weir_group_wait(&stages);
  weir_chan_free(numbers);
  weir_group_free(&stages);
  return err == EIO ? 0 : 1;
}
