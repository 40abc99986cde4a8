// SPDX-License-Identifier: Apache-2.0
//
// A list of stages that only know each other; the first was to be fed by somebody who left.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK-DAG: [chan receive]:
#include "leaks.h"

static void stage(weir_chan(int) in, weir_chan(int) out) {
  int v;
  // CHECK-DAG: channel_ring.c:[[@LINE+1]]
  while (weir_recv(in, &v))
    weir_send(out, v);
  weir_close(out);
}

static void drain(weir_chan(int) in, weir_chan(int) first) {
  (void)first;
  while (weir_recv(in, NULL))
    ;
}

static void build(void) {
  enum { STAGES = 5 };
  weir_chan(int) first = weir_chan_make(int, 0), in = first;
  for (int i = 0; i < STAGES; i++) {
    weir_chan(int) out = weir_chan_make(int, 0);
    weir_go(stage, in, out);
    in = out;
  }
#ifdef FIXED
  weir_go(drain, in, first);
  weir_close(first);
#else
  weir_go(stage, in, first), (void)drain;
#endif
}

int main(void) {
  EXPECT_LEAKED(12, 2, build);
  return 0;
}
