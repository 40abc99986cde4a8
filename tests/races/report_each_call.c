// SPDX-License-Identifier: Apache-2.0
//
// Two races whose accesses are all made in memcpy are two, although they are made in one place of
// the C library; one that comes again at the same two lines is one, and counted.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t && %weircc -O1 -g %s -o %t/p
// RUN: env WEIR_OPTIONS=procs=1 not %t/p 2>&1 | FileCheck %s
//
// CHECK: WARNING: Weir: data race
// CHECK: Write of size 8 {{.*}} by goroutine 1
// CHECK: report_each_call.c:[[@LINE+21]]
// CHECK: Previous write of size 8
// CHECK: report_each_call.c:[[@LINE+14]]
// CHECK: WARNING: Weir: data race
// CHECK: Write of size 8 {{.*}} by goroutine 1
// CHECK: report_each_call.c:[[@LINE+17]]
// CHECK: Previous write of size 8
// CHECK: report_each_call.c:[[@LINE+10]]
// CHECK-NOT: WARNING
#include <string.h>

#include "../bugs/Inputs/hidden.h"

char from[64], one[2][64], two[64];

static void copies(int i, size_t n) {
  memcpy(one[i], from, n);
  memcpy(two, from, n);
  hidden_post();
}
static void here(int i, size_t n) {
  memcpy(one[i], from, n);
  if (i == 0) memcpy(two, from, n);
}

int main(int argc, char **argv) {
  (void)argv;
  for (int i = 0; i < 2; i++) {
    weir_go(copies, i, (size_t)argc * 64);
    hidden_wait(i + 1);
    here(i, (size_t)argc * 64);
  }
}
