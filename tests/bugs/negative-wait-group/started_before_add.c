// SPDX-License-Identifier: Apache-2.0
//
// The worker is started before it is counted, and might be done first. In the twin main counts each
// before it starts it: no done comes after main's second add, as none need.
//
// REQUIRES: races
// RUN: env CERTAINTY=predicted bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: negative wait group {{.*}} [predicted]
// CHECK: goroutine 2 (work) counted down wait group workers at
// CHECK-SAME: goroutine 1 (main) added to it at
// CHECK-SAME: a done that comes before every add ends the program
#include "hidden.h"

static weir_wg workers;

static void work(void) {
  hidden_wait(1);
  // CHECK: Done by goroutine 2 (work)
  // CHECK-NEXT: started_before_add.c:[[@LINE+1]]
  weir_wg_done(&workers);
  hidden_post();
}

int main(void) {
#ifdef FIXED
  hidden_post();
  for (int i = 0; i < 3; i++) {
    weir_wg_add(&workers, 1);
    weir_go(work);
    hidden_wait(2 + i); // it is done before the next is counted
  }
#else
  weir_go(work);
  // CHECK: Previous add by goroutine 1 (main)
  // CHECK-NEXT: started_before_add.c:[[@LINE+1]]
  weir_wg_add(&workers, 1);
  hidden_post();
#endif
  weir_wg_wait(&workers);
  return 0;
}
