// SPDX-License-Identifier: Apache-2.0
//
// Each waits for what the other would do next, and nobody else knows them: a cycle of channels.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK-DAG: [chan receive]:
#include "leaks.h"

static void play(weir_chan(int) in, weir_chan(int) out) {
  int ball;
  // CHECK-DAG: ping_pong.c:[[@LINE+1]]
  while (weir_recv(in, &ball) && ball < 10)
    weir_send(out, ball + 1);
  weir_close(out);
}

static void match(void) {
  weir_chan(int) left = weir_chan_make(int, 1), right = weir_chan_make(int, 1);
  weir_go(play, left, right);
  weir_go(play, right, left);
#ifdef FIXED
  weir_send(left, 0);
#endif
}

int main(void) {
  EXPECT_LEAKED(8, 4, match);
  return 0;
}
