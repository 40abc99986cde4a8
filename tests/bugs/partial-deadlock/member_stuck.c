// SPDX-License-Identifier: Apache-2.0
//
// main waits for goroutines that were started with the wait group; one of them sends what nobody
// receives any more. The wait group is a global one, but what is missing is the done of that one.
//
// REQUIRES: races
// RUN: env TRIES=3 CERTAINTY=observed \
// RUN:   RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[observed]
// CHECK: goroutine {{[0-9]+}} (probe) is sending on channel first
// CHECK-SAME: for ever: no goroutine that can run
// CHECK-SAME: So goroutine 1 (main) is waiting for wait group probes
// CHECK-SAME: has yet to call done.
// CHECK-SAME: Observed, not proven: another goroutine may be done on the wait group in its place.
#include "heartbeat.h"

static weir_wg probes;

static void probe(int n, weir_chan(int) first) {
  // CHECK-DAG: member_stuck.c:[[@LINE+1]]
  weir_send(first, n);
}

static void race(void) {
#ifdef FIXED
  weir_chan(int) first = weir_chan_make(int, 2);
#else
  weir_chan(int) first = weir_chan_make(int, 0);
#endif
  weir_wg_go(&probes, probe, 1, first);
  weir_wg_go(&probes, probe, 2, first);
  weir_recv(first, NULL);
}

static void race_apart(weir_chan(int) over) {
  race();
  weir_close(over);
}

int main(void) {
  weir_chan(int) over = weir_chan_make(int, 0);
  heartbeat();
  weir_go(race_apart, over);
  weir_recv(over, NULL);
  // CHECK-DAG: member_stuck.c:[[@LINE+1]]
  weir_wg_wait(&probes);
  return 0;
}
