// SPDX-License-Identifier: Apache-2.0
//
// A future whose result is one element of a channel can be asked once. Who asks again waits
// for ever. In the twin the channel is closed and the result lies beside it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK: goroutine 1 [chan receive]:
#include <weir/weir.h>

struct future {
  weir_chan(int) done;
  int value;
};

static void compute(struct future *f) {
  f->value = 42;
#ifdef FIXED
  weir_close(f->done);
#else
  weir_send(f->done, f->value);
#endif
}

static int await(struct future *f) {
  int value;
  // CHECK-DAG: pattern_future.c:[[@LINE+1]]
  return weir_recv(f->done, &value) ? value : f->value;
}

int main(void) {
  // CHECK-DAG: channel future.done
  struct future answer = {.done = weir_chan_make(int, 0)};
  weir_go(compute, &answer);
  // CHECK-DAG: pattern_future.c:[[@LINE+1]]
  return await(&answer) == 42 && await(&answer) == 42 ? 0 : 1;
}
