// SPDX-License-Identifier: Apache-2.0
//
// The goroutine got the channel before it was made: arguments are evaluated at weir_go.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of nil
#include <weir/weir.h>

static void finish(weir_chan(int) done) {
  // CHECK-DAG: in_goroutine.c:[[@LINE+1]]
  weir_close(done);
}

int main(void) {
  weir_chan(int) done = NULL;
#ifdef FIXED
  done = weir_chan_make(int, 0);
#endif
  // CHECK-DAG: in_goroutine.c:[[@LINE+1]]
  weir_go(finish, done);
#ifndef FIXED
  done = weir_chan_make(int, 0);
#endif
  weir_recv(done, NULL);
  return 0;
}
