// SPDX-License-Identifier: Apache-2.0
//
// A program may have ThreadSanitizer's options compiled in. They count, and so do Weir's.
// REQUIRES: races
// RUN: %weircc %s -o %t && not %t 2>&1 | FileCheck %s
// CHECK: Available flags for ThreadSanitizer
// CHECK: WARNING: Weir: data race
// CHECK-NOT: ThreadSanitizer: data race
#include <weir/weir.h>

static int n;

const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
  return "help=1";
}

static void add(weir_wg *wg) {
  n++;
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(add, &wg);
  weir_go(add, &wg);
  weir_wg_wait(&wg);
  return 0;
}
