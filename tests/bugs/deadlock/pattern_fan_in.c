// SPDX-License-Identifier: Apache-2.0
//
// Nobody closes the merged channel of a fan-in: main waits for more when all senders have gone.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: goroutine 1 [chan receive]:
// CHECK: channel merged
#include <weir/weir.h>

enum { SOURCES = 3 };

static void produce(int n, weir_chan(int) out) {
  weir_send(out, n);
}

static void close_after_all(weir_wg *producing, weir_chan(int) out) {
  weir_wg_wait(producing);
#ifdef FIXED
  weir_close(out);
#else
  (void)out;
#endif
}

int main(void) {
  weir_chan(int) merged = weir_chan_make(int, 0);
  weir_wg producing = {0};
  for (int i = 0; i < SOURCES; i++)
    weir_wg_go(&producing, produce, i, merged);
  weir_go(close_after_all, &producing, merged);
  int v, sum = 0;
  // CHECK-DAG: pattern_fan_in.c:[[@LINE+1]]
  while (weir_recv(merged, &v))
    sum += v;
  return sum == 3 ? 0 : 1;
}
