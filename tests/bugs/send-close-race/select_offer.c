// SPDX-License-Identifier: Apache-2.0
//
// A producer offers its item until it is told to quit. That it was told does not say that it has
// heard; but the channel is closed. The twin waits for the producer's end.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: send close race {{.*}} [predicted]
// CHECK: Close by goroutine 1 (main)
// CHECK: Previous send by goroutine 2 (produce)
#include "hidden.h"

static void produce(weir_send_chan(int) items, weir_recv_chan(char) quit, weir_chan(char) ended) {
  // CHECK-NEXT: select_offer.c:[[@LINE+1]]
  weir_select(weir_on_recv(quit, NULL, NULL), weir_on_send(items, 1));
  weir_close(ended);
  hidden_post();
}

int main(void) {
  weir_chan(int) items = weir_chan_make(int, 0);
  weir_chan(char) quit = weir_chan_make(char, 0), ended = weir_chan_make(char, 0);
  weir_go(produce, weir_send_only(items), weir_recv_only(quit), ended);
  weir_close(quit);
  hidden_wait(1);
#ifdef FIXED
  weir_recv(ended, NULL);
#endif
  weir_close(items);
  return 0;
}
