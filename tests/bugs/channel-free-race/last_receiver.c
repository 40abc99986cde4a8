// SPDX-License-Identifier: Apache-2.0
//
// Who sends last frees the channel: that there was room says nothing of the receiver, who still has
// to find the end. In the twin the receiver frees it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: channel free race {{.*}} [predicted]
// CHECK: Free by goroutine 1 (main)
// CHECK: Previous receive by goroutine 2 (consume)
#include "hidden.h"

static void consume(weir_chan(int) jobs) {
  // CHECK-NEXT: last_receiver.c:[[@LINE+1]]
  while (weir_recv(jobs, NULL)) {
  }
#ifdef FIXED
  weir_chan_free(jobs);
#endif
  hidden_post();
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 4);
  weir_go(consume, jobs);
  for (int i = 0; i < 4; i++)
    weir_send(jobs, i);
  weir_close(jobs);
  hidden_wait(1);
#ifndef FIXED
  weir_chan_free(jobs);
#endif
  return 0;
}
