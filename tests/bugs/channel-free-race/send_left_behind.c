// SPDX-License-Identifier: Apache-2.0
//
// main has heard enough and frees the channel, which the other sender may still use. The twin waits
// for it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: channel free race {{.*}} [predicted]
// CHECK: goroutine 1 (main) freed channel answers at
// CHECK-SAME: a use that comes after the free meets memory that may be another channel's by then
// CHECK: Previous send by goroutine
#include "hidden.h"

static void ask(weir_chan(int) answers, weir_wg *asked) {
  // CHECK-NEXT: send_left_behind.c:[[@LINE+1]]
  weir_send(answers, 1);
  weir_wg_done(asked);
  hidden_post();
}

int main(void) {
  weir_chan(int) answers = weir_chan_make(int, 2);
  weir_wg asked = {0};
  for (int i = 0; i < 2; i++) {
    weir_wg_add(&asked, 1);
    weir_go(ask, answers, &asked);
  }
  weir_recv(answers, NULL);
  hidden_wait(2);
#ifdef FIXED
  weir_wg_wait(&asked);
#endif
  weir_chan_free(answers);
  return 0;
}
