// SPDX-License-Identifier: Apache-2.0
//
// The reader takes all there is, and nobody says that there is no more.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan receive]:
#include "leaks.h"

static void consume(weir_chan(int) values) {
  // CHECK-DAG: forgotten_close.c:[[@LINE+1]]
  while (weir_recv(values, NULL))
    ;
}

static void produce(void) {
  weir_chan(int) values = weir_chan_make(int, 2);
  weir_go(consume, values);
  for (int i = 0; i < 10; i++)
    weir_send(values, i);
#ifdef FIXED
  weir_close(values);
#endif
}

int main(void) {
  EXPECT_LEAKED(5, 5, produce);
  return 0;
}
