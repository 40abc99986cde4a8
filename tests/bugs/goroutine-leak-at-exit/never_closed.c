// SPDX-License-Identifier: Apache-2.0
//
// A consumer ranges over a channel that nobody closes, in a select with a second one.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK-DAG: [select]:
#include <weir/weir.h>

static void consume(weir_chan(int) in, weir_chan(int) quit, weir_chan(int) sum) {
  int v, total = 0;
  bool ok = true;
  while (ok) {
    // CHECK-DAG: never_closed.c:[[@LINE+1]]
    if (weir_select(weir_on_recv(in, &v, &ok), weir_on_recv(quit, NULL, NULL)) == 1) return;
    total += ok ? v : 0;
    weir_send(sum, total);
  }
}

int main(void) {
  weir_chan(int) in = weir_chan_make(int, 0), quit = weir_chan_make(int, 0);
  weir_chan(int) sum = weir_chan_make(int, 1);
  weir_go(consume, in, quit, sum);
  weir_send(in, 1);
  weir_recv(sum, NULL);
#ifdef FIXED
  weir_close(quit);
#endif
  return 0;
}
