// SPDX-License-Identifier: Apache-2.0
//
// A race tells what the later side last knew of the earlier one, over a third goroutine if need
// be: here src is known up to its send, and writes once more after it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
// CHECK: The last that goroutine 1 (main) saw of goroutine 3 (src): it sent on channel in at
// CHECK-SAME: and only then wrote it.
// CHECK: Last synchronisation between the two:
// CHECK-NEXT: from goroutine 3 (src) to goroutine 1 (main):
#include "hidden.h"

static int shared;

static void relay(weir_chan(int) in, weir_chan(int) out) {
  int v;
  // CHECK: goroutine 2 received from channel in at last_order.c:[[@LINE+1]] in relay
  weir_recv(in, &v);
  // CHECK-NEXT: goroutine 2 sent on channel out at last_order.c:[[@LINE+1]] in relay
  weir_send(out, v);
}

static void src(weir_chan(int) in) {
#ifdef FIXED
  shared = 2;
#endif
  // CHECK-NEXT: goroutine 1 (main) received from channel out at last_order.c:[[@LINE+14]] in main
  weir_send(in, 1);
#ifndef FIXED
  shared = 2;
#endif
  hidden_post();
}

int main(void) {
  weir_chan(int) in = weir_chan_make(int, 0), out = weir_chan_make(int, 0);
  weir_go(relay, in, out);
  // CHECK: from goroutine 1 (main) to goroutine 3 (src):
  // CHECK-NEXT: goroutine 1 (main) started goroutine 3 (src) at last_order.c:[[@LINE+1]] in main
  weir_go(src, in);
  weir_recv(out, NULL);
  hidden_wait(1);
  int seen = shared;
  weir_chan_free(in);
  weir_chan_free(out);
  return seen == 2 ? 0 : 1;
}
