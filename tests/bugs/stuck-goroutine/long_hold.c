// SPDX-License-Identifier: Apache-2.0
//
// One goroutine holds a lock while it waits for something slow; the other is stuck behind it.
// (The program ends at the finding, not after the hour; time is what this is about.)
//
// REQUIRES: races
// RUN: RUN_OPTIONS=stuck_ms=300:halt_on_error=1 bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: stuck goroutine
#include <weir/weir.h>

static weir_mutex mu;

static void hold(weir_chan(int) holding) {
  weir_mutex_lock(&mu);
  weir_send(holding, 1);
#ifndef FIXED
  // CHECK-DAG: long_hold.c:[[@LINE+1]]
  weir_sleep(WEIR_S(3600));
#endif
  weir_mutex_unlock(&mu);
}

int main(void) {
  weir_chan(int) holding = weir_chan_make(int, 0);
  weir_go(hold, holding);
  weir_recv(holding, NULL);
  // CHECK-DAG: goroutine 1 [sync.Mutex.Lock
  // CHECK-DAG: long_hold.c:[[@LINE+1]]
  weir_mutex_lock(&mu);
  weir_mutex_unlock(&mu);
  return 0;
}
