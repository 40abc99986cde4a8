// SPDX-License-Identifier: Apache-2.0
//
// A thousand goroutines that differ only in what they carry, each on a channel of its own: one
// report, with their number.
//
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: 1000 goroutines were still blocked
// CHECK: 1000 goroutines alike (deliver)
// CHECK: [chan send]:
#include <weir/weir.h>

enum { N = 1000 };
static weir_chan(int) box[N]; // reachable: nobody is proven to be leaked
static weir_wg started;

static void deliver(int number) {
  weir_wg_done(&started);
  // CHECK: a_thousand.c:[[@LINE+1]]
  weir_send(box[number], number);
}

int main(void) {
#ifdef FIXED
  enum { ROOM = 1 };
#else
  enum { ROOM = 0 };
#endif
  weir_wg_add(&started, N);
  for (int i = 0; i < N; i++) {
    box[i] = weir_chan_make(int, ROOM);
    weir_go(deliver, i);
  }
  weir_wg_wait(&started);
  return 0;
}
