// SPDX-License-Identifier: Apache-2.0
//
// main takes the first of two answers and closes: nothing says that the other worker has sent. The
// twin waits for both workers.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: send close race {{.*}} [predicted]
// CHECK: goroutine 1 (main) closed channel answers at
// CHECK-SAME: a send that comes after the close ends the program
#include "hidden.h"

static void ask(weir_chan(int) answers, int answer, weir_wg *asked) {
  // CHECK: Previous send by goroutine {{[0-9]+}} (ask)
  // CHECK-NEXT: first_answer.c:[[@LINE+1]]
  weir_send(answers, answer);
  weir_wg_done(asked);
  hidden_post();
}

int main(void) {
  weir_chan(int) answers = weir_chan_make(int, 2);
  weir_wg asked = {0};
  weir_wg_add(&asked, 2);
  weir_go(ask, answers, 1, &asked);
  weir_go(ask, answers, 2, &asked);
  weir_recv(answers, NULL);
  hidden_wait(2);
#ifdef FIXED
  weir_wg_wait(&asked);
#endif
  weir_close(answers);
  return 0;
}
