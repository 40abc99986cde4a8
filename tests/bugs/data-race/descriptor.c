// SPDX-License-Identifier: Apache-2.0
//
// A goroutine closes a descriptor that another uses. In order it is no race, though the runtime,
// which looks for threads as soon as all rest, gets the same number for a file of its own.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
// CHECK: goroutine {{.*}}(leave){{.*}} closed file descriptor
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "hidden.h"

enum { ROUNDS = 3 };
static int fds[2];

static void use(int turn, weir_wg *wg) {
  hidden_wait(turn);
  // CHECK-DAG: descriptor.c:[[@LINE+1]]
  if (write(fds[1], "x", 1) != 1) perror("write");
  weir_wg_done(wg);
  hidden_post();
}

static void leave(int turn, weir_wg *used, weir_wg *wg) {
#ifdef FIXED
  weir_wg_wait(used);
#endif
  hidden_wait(turn);
  // CHECK-DAG: descriptor.c:[[@LINE+1]]
  close(fds[1]);
  weir_wg_done(wg);
  hidden_post();
  (void)used;
}

static void *rest(void *arg) {
  usleep(30000); // all goroutines wait meanwhile: the runtime looks for threads
  weir_send((weir_chan(int))arg, 1);
  return NULL;
}

int main(void) {
  for (int i = 0; i < ROUNDS; i++) {
    weir_wg used = {0}, left = {0};
    pthread_t thread;
    weir_chan(int) rested = weir_chan_make(int, 0);
    if (pipe(fds)) return 1;
    weir_wg_add(&used, 1), weir_wg_add(&left, 1);
    weir_go(use, 2 * i, &used);
    weir_go(leave, 2 * i + 1, &used, &left);
    weir_wg_wait(&used), weir_wg_wait(&left);
    pthread_create(&thread, NULL, rest, (void *)rested);
    weir_recv(rested, NULL);
    pthread_join(thread, NULL);
    close(fds[0]);
    weir_chan_free(rested);
  }
  return 0;
}
