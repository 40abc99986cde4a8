// SPDX-License-Identifier: Apache-2.0
//
// main waits for its workers before it takes their results, and each of them waits until its result
// is taken. A heartbeat goes on beside them, so this is no deadlock of the whole program.
//
// REQUIRES: races
// RUN: env TRIES=3 RUN_OPTIONS=knot_check_ms=100:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock{{.*}}[proven]
// CHECK: goroutine 1 (main) is waiting for wait group wg at {{.*}}, on which only
// CHECK-SAME: from which only goroutine 1 (main) could receive: neither can ever go on.
// CHECK-NEXT: {{^$}}
// CHECK-NEXT: waits for, at {{ *}}which is left to
#include "heartbeat.h"

static void square(int n, weir_chan(int) results, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  // CHECK-DAG: wait_before_drain.c:[[@LINE+1]]
  weir_send(results, n * n);
}

int main(void) {
#ifdef FIXED
  weir_chan(int) results = weir_chan_make(int, 3);
#else
  weir_chan(int) results = weir_chan_make(int, 0);
#endif
  weir_wg wg = {0};
  heartbeat();
  weir_wg_add(&wg, 3);
  for (int i = 0; i < 3; i++)
    weir_go(square, i, results, &wg);
  // CHECK-DAG: wait_before_drain.c:[[@LINE+1]]
  weir_wg_wait(&wg);
  for (int i = 0; i < 3; i++)
    weir_recv(results, NULL);
  weir_chan_free(results);
  return 0;
}
