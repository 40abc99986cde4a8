// SPDX-License-Identifier: Apache-2.0
//
// One goroutine gives back what another has locked, without knowing that it has. The twin is told
// over a channel, which makes it a hand-off: legal.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: unlock by other {{.*}} [predicted]
// CHECK: unlocked mutex journal at
// CHECK-SAME: an unlock that comes before the lock ends the program
// CHECK: Unlock by goroutine 1 (main)
// CHECK: Previous lock by goroutine 2 (begin)
#include "hidden.h"

static weir_mutex journal;

static void begin(weir_chan(char) begun) {
  // CHECK-NEXT: released_for_it.c:[[@LINE+1]]
  weir_mutex_lock(&journal);
  weir_close(begun);
  hidden_post();
}

int main(void) {
  weir_chan(char) begun = weir_chan_make(char, 0);
  weir_go(begin, begun);
  hidden_wait(1);
#ifdef FIXED
  weir_recv(begun, NULL);
#endif
  weir_mutex_unlock(&journal);
  return 0;
}
