// SPDX-License-Identifier: Apache-2.0
//
// Counting down by more than was counted up.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: negative wait group
#include <weir/weir.h>

static weir_wg pending;

static void finish_batch(int n, weir_chan(int) done) {
  // CHECK-DAG: add_negative.c:[[@LINE+1]]
  weir_wg_add(&pending, -n);
  weir_send(done, 1);
}

int main(void) {
  weir_chan(int) done = weir_chan_make(int, 0);
  weir_wg_add(&pending, 3);
#ifdef FIXED
  weir_go(finish_batch, 3, done);
#else
  weir_go(finish_batch, 4, done);
#endif
  weir_recv(done, NULL);
  return 0;
}
