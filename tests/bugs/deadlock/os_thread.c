// SPDX-License-Identifier: Apache-2.0
//
// An OS thread, made before the first goroutine, waits for main and main for it. A thread that
// waits in Weir can wake nobody, so this is proven; its stack is shown like a goroutine's.
//
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
#include <pthread.h>
#include <weir/weir.h>

static weir_chan(int) requests, answers;

static int take(void) {
  int n = 0;
  // CHECK-DAG: receiving from channel requests at os_thread.c:[[@LINE+2]] in take
  // CHECK-DAG: os_thread.c:[[@LINE+1]]
  weir_recv(requests, &n);
  return n;
}

static void *answer(void *arg) {
  // CHECK-DAG: answer(
  // CHECK-DAG: os_thread.c:[[@LINE+1]]
  weir_send(answers, take());
  return arg;
}

int main(void) {
  pthread_t thread;
  int n = 0;
  requests = weir_chan_make(int, 0);
  answers = weir_chan_make(int, 0);
  if (pthread_create(&thread, NULL, answer, NULL)) return 1;
#ifdef FIXED
  weir_send(requests, 1);
#endif
  // CHECK-DAG: os_thread.c:[[@LINE+1]]
  weir_recv(answers, &n);
  pthread_join(thread, NULL);
  weir_chan_free(requests), weir_chan_free(answers);
  return n != 1;
}
