// SPDX-License-Identifier: Apache-2.0
//
// A channel that was never made: nothing can come, whoever is alive.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan receive (nil chan)]:
#include "leaks.h"

static weir_chan(int) results; // global, and never set

static void wait(void) {
#ifndef FIXED
  // CHECK-DAG: nil_channel.c:[[@LINE+1]]
  weir_recv(results, NULL);
#endif
}

static void start(void) {
  weir_go(wait);
}

int main(void) {
  EXPECT_LEAKED(3, 3, start);
  return 0;
}
