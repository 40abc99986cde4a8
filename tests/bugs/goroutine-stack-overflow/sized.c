// SPDX-License-Identifier: Apache-2.0
//
// A stack of a size of its own (weir_go_stack) ends in a guard page, too, and the report says how
// large it is. The fixed twin asks for enough.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine stack overflow
// CHECK: used up its stack{{.*}} The stack has 2{{[56]}}{{[0-9]}} KiB; weir_go_stack
#include <stddef.h>
#include <weir/weir.h>

#ifdef FIXED
enum { SIZE = 64 << 20 };
#else
enum { SIZE = 256 << 10 };
#endif

static int depth_of(int n) {
  volatile char frame[256];
  frame[0] = (char)n;
  // CHECK: sized.c:[[@LINE+1]]
  return n ? depth_of(n - 1) + 1 + frame[0] * 0 : 0;
}

static void measures(weir_chan(int) result) {
  weir_send(result, depth_of(20000));
}

int main(void) {
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go_stack(SIZE, measures, result);
  weir_recv(result, NULL);
  weir_chan_free(result);
}
