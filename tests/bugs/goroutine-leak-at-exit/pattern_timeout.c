// SPDX-License-Identifier: Apache-2.0
//
// A request with a timeout. The caller has gone when the answer comes, and the channel has no
// room for it. One element of room is the cure.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=leak_check=0 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
#include <weir/weir.h>

static void answer(weir_chan(char) late, weir_chan(int) result) {
  weir_recv(late, NULL);
  // CHECK-DAG: pattern_timeout.c:[[@LINE+1]]
  weir_send(result, 42);
}

static int request(weir_chan(char) late) {
#ifdef FIXED
  weir_chan(int) result = weir_chan_make(int, 1);
#else
  // CHECK-DAG: channel result
  weir_chan(int) result = weir_chan_make(int, 0);
#endif
  int r = 0;
  // CHECK-DAG: pattern_timeout.c:[[@LINE+1]]
  weir_go(answer, late, result);
  weir_select(weir_on_recv(result, &r, NULL), weir_on_recv(weir_after(WEIR_MS(1)), NULL, NULL));
  return r;
}

int main(void) {
  weir_chan(char) late = weir_chan_make(char, 0);
  int r = request(late);
  weir_close(late);
  return r;
}
