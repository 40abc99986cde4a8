// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t
// RUN: not %t period 2>&1 | FileCheck %s --check-prefix=PERIOD
// RUN: not %t reset 2>&1 | FileCheck %s --check-prefix=RESET
// RUN: not %t close 2>&1 | FileCheck %s --check-prefix=CLOSE
// RUN: not %t close-done 2>&1 | FileCheck %s --check-prefix=CLOSE
// RUN: not %t free-channel 2>&1 | FileCheck %s --check-prefix=FREE
// RUN: not %t free-in-use 2>&1 | FileCheck %s --check-prefix=IN-USE
// RUN: not %t stopped 2>&1 | FileCheck %s --check-prefix=DEADLOCK
// RUN: not %t spent 2>&1 | FileCheck %s --check-prefix=DEADLOCK
// RUN: %t pending && %t ticking
// PERIOD: weir: fatal: weir_ticker_new: a period of 0 ns
// RESET: weir: fatal: weir_ticker_reset: a period of -1 ns
// CLOSE: weir: fatal: weir_close: the channel of a timer or a context is not yours
// FREE: weir: fatal: weir_chan_free: the channel of a timer or a context is not yours
// IN-USE: Weir: free of channel in use
// DEADLOCK: Weir: deadlock
//
// What a timer refuses, and what the detectors know of it: a goroutine that waits on a stopped or
// spent timer waits for nothing, one that waits on a pending one does not.
#include <string.h>

#include "check.h"

// One worker, no preemption: a goroutine that has arrived and does not run is parked.
const char *weir_default_options(void) {
  return "procs=1";
}

static bool arrived;
static void wait_for(weir_chan(int64_t) c) {
  arrived = true;
  weir_recv(c, NULL);
}
static void free_in_use(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1000));
  weir_go(wait_for, weir_timer_chan(t));
  while (!arrived)
    weir_yield();
  weir_timer_free(t);
}
static void stopped(void) {
  weir_timer *t = weir_timer_new(WEIR_S(1000));
  weir_timer_stop(t);
  weir_recv(weir_timer_chan(t), NULL);
}
static void spent(void) {
  weir_timer *t = weir_timer_new(0);
  weir_recv(weir_timer_chan(t), NULL);
  weir_recv(weir_timer_chan(t), NULL);
}
static void pending(void) {
  weir_timer *t = weir_timer_new(WEIR_MS(300)); // long enough for the detector to look
  weir_recv(weir_timer_chan(t), NULL);
  weir_timer_free(t);
}
static void ticking(void) {
  weir_ticker *t = weir_ticker_new(WEIR_MS(200));
  weir_recv(weir_ticker_chan(t), NULL);
  weir_recv(weir_ticker_chan(t), NULL);
  weir_ticker_free(t);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  weir_timer *t = weir_timer_new(WEIR_S(1000));
  if (!strcmp(argv[1], "period")) weir_ticker_new(0);
  if (!strcmp(argv[1], "reset")) weir_ticker_reset(weir_ticker_new(1), -1);
  if (!strcmp(argv[1], "close")) weir_close(weir_timer_chan(t));
  if (!strcmp(argv[1], "close-done"))
    weir_close(weir_ctx_done(weir_ctx_with_cancel(weir_ctx_background())));
  if (!strcmp(argv[1], "free-channel")) weir_chan_free(weir_timer_chan(t));
  if (!strcmp(argv[1], "free-in-use")) free_in_use();
  if (!strcmp(argv[1], "stopped")) stopped();
  if (!strcmp(argv[1], "spent")) spent();
  if (!strcmp(argv[1], "pending")) pending();
  if (!strcmp(argv[1], "ticking")) ticking();
  weir_timer_free(t);
}
