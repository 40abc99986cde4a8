// SPDX-License-Identifier: Apache-2.0
//
// An OS thread has heartbeats, too, and one beat is for all of its scopes. It is silent in a call
// that Weir knows nothing of; the heartbeat of a thread that has ended is no more.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: heartbeat missed
// CHECK: (OS thread) has not beaten for the inner loop for more than 800 ms
#include <pthread.h>
#include <unistd.h>
#include <weir/weir.h>

enum { ROUNDS = 30 };

static void *works(void *arg) {
  weir_heartbeat(WEIR_S(3600), "the outer loop");
  // CHECK-DAG: It was entered by {{.*}} at thread.c:[[#@LINE+1]]
  weir_heartbeat(WEIR_MS(800), "the inner loop");
  for (int i = 0; i < ROUNDS; i++) {
#ifdef FIXED
    weir_beat();
#endif
    usleep(50000); // time is what this is about
  }
  return arg;
}

static void *ends_in_its_scope(void *arg) {
  weir_heartbeat(WEIR_MS(100), "a thread that has ended");
  pthread_exit(arg);
}

int main(void) {
  pthread_t thread, ended;
  pthread_create(&ended, NULL, ends_in_its_scope, NULL);
  pthread_join(ended, NULL);
  pthread_create(&thread, NULL, works, NULL);
  pthread_join(thread, NULL);
}
