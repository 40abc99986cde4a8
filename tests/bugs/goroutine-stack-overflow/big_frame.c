// SPDX-License-Identifier: Apache-2.0
//
// One frame larger than the whole stack, far beyond the guard page: found because the compiler
// touches each page of a large frame. The fixed twin takes the buffer from the heap.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine stack overflow
#include <stdlib.h>
#include <weir/weir.h>

enum { BIG = 1 << 20 };

static void fill(volatile char *buffer) {
  for (int i = 0; i < BIG; i += 512)
    buffer[i] = 1;
}

// CHECK: used up its stack at big_frame.c:[[@LINE+1]] in sum
static void sum(weir_chan(int) result) {
#ifdef FIXED
  volatile char *buffer = malloc(BIG);
#else
  volatile char buffer[BIG];
#endif
  fill(buffer);
  weir_send(result, buffer[512]);
#ifdef FIXED
  free((void *)buffer);
#endif
}

int main(void) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(sum, result);
  weir_recv(result, NULL);
  weir_chan_free(result);
}
