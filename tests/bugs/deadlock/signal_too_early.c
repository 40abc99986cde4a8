// SPDX-License-Identifier: Apache-2.0
//
// The signal comes before the wait, and there is nothing that the waiting one could look at: a
// signal that nobody waits for is lost. In the fixed twin a flag keeps it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: (start) is waiting for condition variable ready at
// CHECK-SAME: Goroutine 1 (main) signalled condition variable ready at
// CHECK-SAME: before that, when nobody waited, and nobody has since.
#include <weir/weir.h>

static weir_mutex mu;
static weir_cond ready;
static bool is_ready;

static void start(weir_chan(char) go_on) {
  weir_recv(go_on, NULL);
  weir_guard(&mu);
#ifdef FIXED
  while (!is_ready)
#endif
    // CHECK-DAG: signal_too_early.c:[[@LINE+1]]
    weir_cond_wait(&ready, &mu);
}

static void prepare(void) {
  weir_guard(&mu);
  is_ready = true;
  // CHECK-DAG: when nobody waited, at signal_too_early.c:[[@LINE+1]]
  weir_cond_signal(&ready);
}

int main(void) {
  weir_chan(char) go_on = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, start, go_on);
  prepare();
  weir_close(go_on);
  weir_wg_wait(&wg);
  weir_chan_free(go_on);
}
