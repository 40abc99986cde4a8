// SPDX-License-Identifier: Apache-2.0
//
// A send in a select, parked when the channel is closed under it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: send on closed
#include "parked.h"

static void produce(weir_chan(int) out, weir_chan(int) quit, weir_chan(int) ready) {
  weir_send(ready, 1);
  // CHECK-DAG: select_send.c:[[@LINE+1]]
  weir_select(weir_on_send(out, 1), weir_on_recv(quit, NULL, NULL));
}

int main(void) {
  weir_chan(int) out = weir_chan_make(int, 0), quit = weir_chan_make(int, 0);
  weir_chan(int) ready = weir_chan_make(int, 0), never = weir_chan_make(int, 0);
  weir_go(produce, out, quit, ready);
  weir_recv(ready, NULL);
#ifdef FIXED
  weir_close(quit);
#else
  until_parked(1);
  // CHECK-DAG: select_send.c:[[@LINE+1]]
  weir_close(out);
  weir_recv(never, NULL);
#endif
  (void)never;
  return 0;
}
