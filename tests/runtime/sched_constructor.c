// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t | FileCheck %s
// RUN: %weircc %s -o %t.i && %t.i | FileCheck %s
//
// Goroutines in a constructor, in main, and in a handler of atexit.
// CHECK: 1
// CHECK-NEXT: 2
// CHECK-NEXT: 3
#include <stdlib.h>

#include "check.h"

static void put(weir_chan(int) out, int n) {
  weir_send(out, n);
}

static void pass(int n) {
  weir_chan(int) c = weir_chan_make(int, 0);
  int got = 0;
  weir_go(put, c, n);
  CHECK(weir_recv(c, &got) && got == n);
  CHECK_EQ(weir_goid(), 1);
  printf("%d\n", got);
  weir_chan_free(c);
}

__attribute__((constructor)) static void before(void) {
  pass(1);
}

static void after(void) {
  pass(3);
}

int main(void) {
  atexit(after);
  pass(2);
  return 0;
}
