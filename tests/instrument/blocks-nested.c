// SPDX-License-Identifier: Apache-2.0
//
// A block may capture another block or a __block variable without libBlocksRuntime, as long as
// it stays in its scope. A goroutine outlives the scope, so it refuses such a block.
// RUN: %weircc %s -o %t && %t && not %t refused 2>&1 | FileCheck %s
// CHECK: captures another block or a __block variable
#include <weir/weir.h>

static int twice(int (^f)(int), int n) {
  return f(f(n));
}

int main(int argc, char **argv) {
  (void)argv;
  __block int calls = 0;
  int (^add)(int) = ^(int n) {
    calls++;
    return n + 1;
  };
  int (^add_more)(int) = ^(int n) {
    return add(add(n));
  };
  {
    weir_defer(twice(add, 1));
  }
  if (argc > 1) weir_go(twice, add, 1);
  return twice(add_more, 1) == 5 && calls == 6 ? 0 : 1;
}
