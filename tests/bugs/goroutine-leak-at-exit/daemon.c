// SPDX-License-Identifier: Apache-2.0
//
// A server that waits for ever is a leak, unless it says that it means to; one in a sleep or
// with a timer behind its channel is none; and what can still run may finish after main.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
#include <weir/weir.h>

static void serve(weir_chan(int) requests) {
#ifdef FIXED
  weir_expect_blocked();
#endif
  // CHECK-DAG: daemon.c:[[@LINE+1]]
  while (weir_recv(requests, NULL))
    ;
}

static void sleeper(void) {
  weir_sleep(WEIR_S(3600));
}

static void waits_for_timer(void) {
  weir_recv(weir_after(WEIR_S(3600)), NULL);
}

static void finishes_late(void) {
  for (int i = 0; i < 1000; i++)
    weir_yield();
}

int main(void) {
  weir_chan(int) requests = weir_chan_make(int, 0);
  weir_go(serve, requests);
  weir_go(sleeper);
  weir_go(waits_for_timer);
  weir_go(finishes_late);
  weir_send(requests, 1);
  return 0;
}
