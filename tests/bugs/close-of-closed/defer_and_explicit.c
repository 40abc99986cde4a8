// SPDX-License-Identifier: Apache-2.0
//
// Closed explicitly, and again by a defer.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of closed
#include <weir/weir.h>

static void produce(weir_chan(int) out) {
#ifndef FIXED
  // CHECK-DAG: defer_and_explicit.c:[[@LINE+1]]
  weir_defer(weir_close(out));
#endif
  weir_send(out, 1);
  // CHECK-DAG: defer_and_explicit.c:[[@LINE+1]]
  weir_close(out);
}

int main(void) {
  weir_chan(int) out = weir_chan_make(int, 1);
  produce(out);
  return weir_recv(out, NULL) ? 0 : 1;
}
