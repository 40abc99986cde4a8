// SPDX-License-Identifier: Apache-2.0
//
// Each worker closes the channel when it is done.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of closed
#include <weir/weir.h>

static weir_mutex mu;
static int left = 2;

static void work(weir_chan(int) results, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_guard(&mu);
#ifdef FIXED
  if (--left > 0) return;
#endif
  // CHECK-DAG: two_closers.c:[[@LINE+1]]
  weir_close(results);
}

int main(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(work, results, &wg);
  weir_go(work, results, &wg);
  weir_wg_wait(&wg);
  (void)left;
  return 0;
}
