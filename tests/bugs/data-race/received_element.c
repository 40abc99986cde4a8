// SPDX-License-Identifier: Apache-2.0
//
// The runtime's own copy is an access of the program: a receive writes into *dst while
// another goroutine reads it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

static long slot;

static void watch(weir_chan(int) done) {
#ifdef FIXED
  weir_recv(done, NULL);
#else
  hidden_wait(1);
#endif
  // CHECK-DAG: Read of size 8
  // CHECK-DAG: received_element.c:[[@LINE+1]]
  long seen = slot;
  weir_send(done, (int)seen);
}

int main(void) {
  weir_chan(long) in = weir_chan_make(long, 1);
  weir_chan(int) done = weir_chan_make(int, 0);
  weir_go(watch, done);
  weir_send(in, 5L);
  // CHECK-DAG: rite of size 8
  // CHECK-DAG: received_element.c:[[@LINE+1]]
  weir_recv(in, &slot);
#ifdef FIXED
  weir_send(done, 0);
#endif
  hidden_post();
  weir_recv(done, NULL);
  return 0;
}
