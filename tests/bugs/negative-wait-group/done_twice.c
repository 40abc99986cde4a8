// SPDX-License-Identifier: Apache-2.0
//
// A worker is done twice: explicitly and by its defer.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: negative wait group
// CHECK: wait group wg: counter -1
#include <weir/weir.h>

static void work(weir_wg *wg) {
  // CHECK-DAG: done_twice.c:[[@LINE+1]]
  weir_defer(weir_wg_done(wg));
#ifndef FIXED
  weir_wg_done(wg);
#endif
}

int main(void) {
  static weir_wg wg;
  weir_wg_add(&wg, 1);
  work(&wg);
  weir_wg_wait(&wg);
  return 0;
}
