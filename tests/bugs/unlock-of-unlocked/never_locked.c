// SPDX-License-Identifier: Apache-2.0
//
// A goroutine unlocks what a failed trylock did not give it, after the holder has unlocked.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: unlock of unlocked
#include <weir/weir.h>

static weir_mutex mu;

static void try_it(weir_chan(int) step) {
  bool got = weir_mutex_trylock(&mu);
  weir_send(step, 1);
  weir_recv(step, NULL);
#ifdef FIXED
  if (got)
#endif
    // CHECK-DAG: never_locked.c:[[@LINE+1]]
    weir_mutex_unlock(&mu);
  (void)got;
  weir_send(step, 2);
}

int main(void) {
  weir_chan(int) step = weir_chan_make(int, 0);
  weir_mutex_lock(&mu);
  weir_go(try_it, step);
  weir_recv(step, NULL);
  weir_mutex_unlock(&mu);
  weir_send(step, 1);
  weir_recv(step, NULL);
  return 0;
}
