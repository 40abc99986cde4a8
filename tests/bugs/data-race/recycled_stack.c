// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that run one after the other on the same recycled stack have nothing to do
// with each other; a variable of one that is still alive, given to another, has.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

__attribute__((noinline)) static void touch(volatile int *p) {
  for (int i = 0; i < 100; i++)
    p[i]++;
}

static void scratch(void) {
  volatile int a[100] = {0};
  touch(a);
  hidden_post();
}

static void writer(int *p) {
  // CHECK-DAG: rite of size 4
  // CHECK-DAG: recycled_stack.c:[[@LINE+1]]
  *p = 1;
  hidden_post();
}

int main(void) {
  enum { MANY = 300 };
  for (int i = 0; i < MANY; i++) {
    weir_go(scratch);
    hidden_wait(i + 1);
  }
  int local = 0;
#ifndef FIXED
  weir_go(writer, &local);
  hidden_wait(MANY + 1);
#endif
  // CHECK-DAG: recycled_stack.c:[[@LINE+1]]
  int seen = local;
  return seen > 1;
}
