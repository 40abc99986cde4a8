// SPDX-License-Identifier: Apache-2.0
//
// A subscriber closes its channel to say that it has heard enough; the publisher still sends. In
// the twin it says so on a channel of its own, and the sender closes.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: send on closed
#include <weir/weir.h>

static void hear_one(weir_chan(int) messages, weir_chan(char) enough) {
  weir_recv(messages, NULL);
#ifndef FIXED
  // CHECK-DAG: pattern_unsubscribe.c:[[@LINE+1]]
  weir_close(messages);
#endif
  weir_close(enough);
}

int main(void) {
  weir_chan(int) messages = weir_chan_make(int, 0);
  weir_chan(char) enough = weir_chan_make(char, 0);
  weir_go(hear_one, messages, enough);
  weir_send(messages, 1);
#ifdef FIXED
  weir_select(weir_on_send(messages, 2), weir_on_recv(enough, NULL, NULL));
  weir_close(messages);
#else
  weir_recv(enough, NULL);
  // CHECK-DAG: pattern_unsubscribe.c:[[@LINE+1]]
  weir_send(messages, 2);
#endif
  weir_recv(enough, NULL);
  weir_chan_free(messages);
  weir_chan_free(enough);
  return 0;
}
