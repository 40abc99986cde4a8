// SPDX-License-Identifier: Apache-2.0
//
// A retry waits for its timer each time round, and the timer was set once.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK: Its timer is spent or was stopped
// CHECK-DAG: [chan receive]:
#include "leaks.h"

static void retry(int times) {
  weir_timer *pause = weir_timer_new(WEIR_US(100));
  for (int i = 0; i < times; i++) {
    // CHECK-DAG: timer_spent.c:[[@LINE+1]]
    weir_recv(weir_timer_chan(pause), NULL);
#ifdef FIXED
    weir_timer_reset(pause, WEIR_US(100));
#endif
  }
  weir_timer_free(pause);
}

static void handle(void) {
  weir_go(retry, 3);
}

int main(void) {
  EXPECT_LEAKED(5, 5, handle);
  return 0;
}
