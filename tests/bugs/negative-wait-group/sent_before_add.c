// SPDX-License-Identifier: Apache-2.0
//
// A job is sent, then counted: who receives it may be done with it before. In the twin two senders
// count what they send, so a done comes after one of the adds, and not after the first.
//
// REQUIRES: races
// RUN: env CERTAINTY=predicted bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: negative wait group {{.*}} [predicted]
// CHECK: goroutine {{[0-9]+}} (serve) counted down wait group jobs_open at
#include "hidden.h"

enum { JOBS = 3 };
static weir_wg jobs_open, senders;

static void serve(weir_chan(int) jobs) {
  while (weir_recv(jobs, NULL)) {
#ifndef FIXED
    hidden_wait(JOBS);
#endif
    // CHECK: Done by goroutine {{[0-9]+}} (serve)
    // CHECK-NEXT: sent_before_add.c:[[@LINE+1]]
    weir_wg_done(&jobs_open);
  }
}

static void ask(weir_chan(int) jobs) {
  for (int i = 0; i < JOBS; i++) {
#ifdef FIXED
    weir_wg_add(&jobs_open, 1);
    weir_send(jobs, i);
#else
    weir_send(jobs, i);
    // CHECK: Previous add by goroutine {{[0-9]+}} (ask)
    // CHECK-NEXT: sent_before_add.c:[[@LINE+1]]
    weir_wg_add(&jobs_open, 1);
    hidden_post();
#endif
  }
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 8);
  weir_go(serve, jobs);
  weir_wg_go(&senders, ask, jobs);
#ifdef FIXED
  weir_wg_go(&senders, ask, jobs);
#endif
  weir_wg_wait(&senders);
  weir_wg_wait(&jobs_open);
  weir_close(jobs);
  return 0;
}
