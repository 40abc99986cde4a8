// SPDX-License-Identifier: Apache-2.0
//
// The first worker of a group fails, and whoever collects the results leaves at once, with the
// group: the others have nobody to give theirs to.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
#include "leaks.h"

struct batch {
  weir_group group;
  weir_chan(int) results, failed;
};

static int work(int n, struct batch *b) {
  if (n == 0) {
    weir_send(b->failed, n);
    return EINVAL;
  }
#ifdef FIXED
  weir_ctx *ctx = weir_group_ctx(&b->group);
  if (weir_select(weir_on_send(b->results, n), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
    return weir_ctx_err(ctx);
#else
  // CHECK-DAG: group_worker.c:[[@LINE+1]]
  weir_send(b->results, n);
#endif
  return 0;
}

static void run_batch(void) {
  struct batch *b = malloc(sizeof *b);
  *b = (struct batch){weir_group_with_ctx(NULL), weir_chan_make(int, 0), weir_chan_make(int, 1)};
  for (int i = 0; i < 3; i++)
    weir_group_go(&b->group, work, i, b);
  int which;
  weir_recv(b->failed, &which);
}

int main(void) {
  EXPECT_LEAKED(10, 5, run_batch);
  return 0;
}
