// SPDX-License-Identifier: Apache-2.0
//
// main waits for a result that nobody is left to send.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: goroutine 1 [chan receive]:
#include <weir/weir.h>

static void compute(int n, weir_chan(int) result) {
#ifndef FIXED
  if (n < 0) return; // forgets to answer
#endif
  weir_send(result, n);
}

int main(void) {
  // CHECK-DAG: channel result
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(compute, -1, result);
  int r;
  // CHECK-DAG: nobody_sends.c:[[@LINE+1]]
  weir_recv(result, &r);
  return 0;
}
