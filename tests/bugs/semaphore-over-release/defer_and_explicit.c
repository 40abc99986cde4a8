// SPDX-License-Identifier: Apache-2.0
//
// A request that is refused gives its place back at once, and at the end of the function again. The
// fixed twin leaves it to the end.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: semaphore over release
// CHECK: semaphore places below zero
#include <errno.h>
#include <weir/weir.h>

static weir_sem places = WEIR_SEM(2);

static int request(int size) {
  weir_sem_acquire(&places, NULL, 1);
  // CHECK-DAG: defer_and_explicit.c:[[@LINE+1]]
  weir_defer(weir_sem_release(&places, 1));
  if (size > 100) {
#ifndef FIXED
    weir_sem_release(&places, 1);
#endif
    return EMSGSIZE;
  }
  return 0;
}

static void client(int size, weir_chan(int) answers) {
  weir_send(answers, request(size));
}

int main(void) {
  weir_chan(int) answers = weir_chan_make(int, 0);
  int answer, refused = 0;
  for (int size = 50; size <= 150; size += 100) {
    weir_go(client, size, answers);
    weir_recv(answers, &answer);
    refused += answer != 0;
  }
  weir_chan_free(answers);
  return refused == 1 ? 0 : 1;
}
