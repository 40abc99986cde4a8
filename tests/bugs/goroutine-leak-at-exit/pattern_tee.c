// SPDX-License-Identifier: Apache-2.0
//
// One of the two readers of a tee has seen enough and goes. The tee offers it the next value for
// ever, and the other reader gets nothing any more. In the twin who goes says so.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: [select]:
#include <weir/weir.h>

static void tee(weir_chan(int) in, weir_chan(int) out1, weir_chan(int) out2, weir_chan(char) gone) {
  int v;
  while (weir_recv(in, &v))
    for (weir_chan(int) one = out1, two = out2; one || two;)
      // CHECK-DAG: pattern_tee.c:[[@LINE+1]]
      switch (weir_select(weir_on_send(one, v), weir_on_send(two, v),
                          weir_on_recv(gone, NULL, NULL))) {
      case 0: one = NULL; break;
      case 1: two = NULL; break;
      case 2: two = out2 = NULL, gone = NULL; break;
      }
}

int main(void) {
  weir_chan(int) in = weir_chan_make(int, 3);
  weir_chan(int) steady = weir_chan_make(int, 3);
  // CHECK-DAG: channel hasty
  weir_chan(int) hasty = weir_chan_make(int, 0);
  weir_chan(char) gone = weir_chan_make(char, 0);
  for (int i = 1; i <= 3; i++)
    weir_send(in, i);
  weir_close(in);
  // CHECK-DAG: pattern_tee.c:[[@LINE+1]]
  weir_go(tee, in, steady, hasty, gone);
  weir_recv(hasty, NULL); // one is enough
#ifdef FIXED
  weir_close(gone);
#endif
  return 0;
}
