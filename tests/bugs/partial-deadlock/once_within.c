// SPDX-License-Identifier: Apache-2.0
//
// The function of a once needs what that once makes.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: calls once ready at once_within.c:{{[0-9]+}} in config, whose function it runs
#include <weir/weir.h>

static weir_once ready;
static int value;

static int config(void);
static void make(void) {
#ifdef FIXED
  value = 1;
#else
  value = 1 + config();
#endif
}
static int config(void) {
  // CHECK-DAG: once_within.c:[[@LINE+1]]
  weir_once_do(&ready, make);
  return value;
}

static void use(void) {
  config();
}

int main(void) {
  weir_go(use);
  return 0;
}
