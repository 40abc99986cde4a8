// SPDX-License-Identifier: Apache-2.0
//
// main closes the results while a worker still has one to send.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: send on closed
#include "hidden.h"

static void work(weir_chan(int) results, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
#ifndef FIXED
  hidden_wait(1);
#endif
  // CHECK-DAG: late_worker.c:[[@LINE+1]]
  weir_send(results, 1);
}

int main(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(work, results, &wg);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  // CHECK-DAG: late_worker.c:[[@LINE+1]]
  weir_close(results);
  hidden_post();
  weir_wg_wait(&wg);
  return 0;
}
