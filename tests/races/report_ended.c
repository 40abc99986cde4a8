// SPDX-License-Identifier: Apache-2.0
//
// A goroutine that named itself and has ended is called by that name.
//
// REQUIRES: races
// RUN: %weircc -g -O1 -I %S/../bugs/Inputs %s -o %t && not %t 2>&1 | FileCheck %s
#include "hidden.h"

int x;

// CHECK: goroutine 1 (main) read global 'x'{{.*}} while goroutine 2 (collector) wrote it
// CHECK: goroutine 2 (collector) has finished
static void collect(void) {
  weir_set_name("collector");
  x = 1;
  hidden_post();
}

int main(void) {
  weir_go(collect);
  hidden_wait(1);
  while (weir_num_goroutine() > 1)
    weir_yield();
  return x == 7;
}
