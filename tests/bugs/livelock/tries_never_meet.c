// SPDX-License-Identifier: Apache-2.0
//
// One side offers when somebody waits, the other looks whether somebody offers: without a buffer
// two that do not wait never meet. In the fixed twin one of them waits; and a goroutine that looks
// into an empty channel while it computes is no livelock.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=livelock_rounds=2000:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: livelock
// CHECK: 2 goroutines keep each other from going on
// CHECK-DAG: channel meeting
#include <weir/weir.h>

static void offers(weir_chan(int) meeting) {
  while (weir_select(weir_on_send(meeting, 1), weir_on_default()) == WEIR_DEFAULT)
    weir_yield();
}

static void looks(weir_chan(int) meeting) {
#ifdef FIXED
  weir_recv(meeting, NULL);
#else
  while (!weir_try_recv(meeting, NULL, NULL))
    weir_yield();
#endif
}

static void computes(weir_chan(int) stop, long *sum) {
  for (long i = 0; i < 100000; i++) {
    *sum += i;
    if (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) != WEIR_DEFAULT) break;
  }
}

int main(void) {
  weir_chan(int) meeting = weir_chan_make(int, 0), stop = weir_chan_make(int, 0);
  weir_wg all = {0};
  long sum = 0;
  computes(stop, &sum);
  // CHECK-DAG: tries_never_meet.c:[[#@LINE+1]]
  weir_wg_go(&all, offers, meeting);
  // CHECK-DAG: tries_never_meet.c:[[#@LINE+1]]
  weir_wg_go(&all, looks, meeting);
  weir_wg_wait(&all);
  weir_chan_free(meeting);
  weir_chan_free(stop);
}
