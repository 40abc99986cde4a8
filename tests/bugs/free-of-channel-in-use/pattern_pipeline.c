// SPDX-License-Identifier: Apache-2.0
//
// The channel of a pipeline is freed when its reader has enough, and not when the stage that sends
// has ended. Who used and who freed are not mixed up.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: free of channel in use
// CHECK: (produce) used channel numbers at pattern_pipeline.c:[[@LINE+9]] in produce,
// CHECK-SAME: which goroutine 1 (main) had freed at pattern_pipeline.c:[[@LINE+19]] in main.
#include "hidden.h"

static void produce(weir_chan(int) out) {
  weir_send(out, 1);
#ifndef FIXED
  hidden_wait(1);
#endif
  weir_send(out, 2);
}

int main(void) {
  weir_chan(int) numbers = weir_chan_make(int, 2);
  weir_wg stages = {0};
  weir_wg_go(&stages, produce, numbers);
  weir_recv(numbers, NULL);
#ifdef FIXED
  weir_wg_wait(&stages);
#endif
  weir_chan_free(numbers);
  hidden_post();
  weir_wg_wait(&stages);
  return 0;
}
