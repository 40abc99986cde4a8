// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines give back what was taken once: the report says who was the first.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: semaphore over release
// CHECK: It was last released by goroutine 2 (finish) at two_that_release.c:[[#]] in finish
#include <weir/weir.h>

static weir_sem slots = WEIR_SEM(2);

static void finish(weir_chan(char) finished) {
  weir_sem_release(&slots, 1);
  weir_send(finished, 1);
}

int main(void) {
  weir_chan(char) finished = weir_chan_make(char, 0);
  weir_sem_acquire(&slots, NULL, 1);
  weir_go(finish, finished);
  weir_recv(finished, NULL);
#ifndef FIXED
  // CHECK-DAG: two_that_release.c:[[@LINE+1]]
  weir_sem_release(&slots, 1);
#endif
  return 0;
}
