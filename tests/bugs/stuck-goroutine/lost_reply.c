// SPDX-License-Identifier: Apache-2.0
//
// A client waits for a reply from a server that went to do something else. The server, which
// last sent on the channel, is shown with what it does now. A wait that is meant is none.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=stuck_ms=300:halt_on_error=1 bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: stuck goroutine
#include <weir/weir.h>

static void server(weir_chan(int) replies) {
  weir_send(replies, 1);
  // CHECK-DAG: lost_reply.c:[[@LINE+1]]
  weir_sleep(WEIR_MS(800));
  weir_send(replies, 2);
}

static void client(weir_chan(int) replies, weir_chan(int) done) {
  weir_recv(replies, NULL);
#ifdef FIXED
  weir_expect_blocked();
#endif
  // CHECK-DAG: [chan receive
  // CHECK-DAG: lost_reply.c:[[@LINE+1]]
  weir_recv(replies, NULL);
  weir_send(done, 1);
}

int main(void) {
  weir_chan(int) replies = weir_chan_make(int, 0), done = weir_chan_make(int, 0);
  weir_expect_blocked();
  weir_go(server, replies);
  weir_go(client, replies, done);
  weir_recv(done, NULL);
  return 0;
}
