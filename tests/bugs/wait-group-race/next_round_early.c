// SPDX-License-Identifier: Apache-2.0
//
// Two wait for a round. The first one that has seen its end begins the next while the other may not
// have returned. The twin lets it say that it has.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: wait group race {{.*}} [predicted]
// CHECK: Add by goroutine 1 (main)
// CHECK-NEXT: next_round_early.c:[[#NEXT:]]
// CHECK: Previous wait by goroutine 3 (watch)
#include "hidden.h"

static weir_wg round_;

static void work(void) {
  weir_wg_done(&round_);
}

static void watch(weir_chan(char) seen) {
  // CHECK-NEXT: next_round_early.c:[[@LINE+1]]
  weir_wg_wait(&round_);
  weir_close(seen);
  hidden_post();
}

int main(void) {
  weir_chan(char) seen = weir_chan_make(char, 0);
  weir_wg_add(&round_, 1);
  weir_go(work);
  weir_go(watch, seen);
  weir_wg_wait(&round_);
  hidden_wait(1);
#ifdef FIXED
  weir_recv(seen, NULL);
#endif
  weir_wg_add(&round_, 1);
  weir_go(work);
  weir_wg_wait(&round_);
  return 0;
}
