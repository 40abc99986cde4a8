// SPDX-License-Identifier: Apache-2.0
//
// A goroutine polls a queue that stays empty. Its twin polls a hundred times, and another only
// sleeps, so that nobody could tell it anything.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=atexit_settle_ms=600 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: (poll) goes round and round after main has returned
#include <weir/weir.h>

enum { POLLS = 100 };

static void poll(weir_chan(int) queue) {
  int job;
  for (int polls = 0;;) {
    weir_timer *limit = weir_timer_new(WEIR_US(500));
    // CHECK-DAG: polls_for_ever.c:[[@LINE+1]]
    if (weir_select(weir_on_recv(weir_timer_chan(limit), NULL, NULL),
                    weir_on_recv(queue, &job, NULL)) == 0)
      polls++;
    weir_timer_free(limit);
#ifdef FIXED
    if (polls == POLLS) return;
#endif
  }
}

static void heartbeat(void) {
  for (;;)
    weir_sleep(WEIR_MS(1));
}

int main(void) {
  weir_go(poll, weir_chan_make(int, 0));
  weir_go(heartbeat);
  return 0;
}
