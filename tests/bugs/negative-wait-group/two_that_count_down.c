// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines are done for one: the report says who was done before.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: negative wait group
// CHECK: It was last counted down by goroutine 2 (work) at two_that_count_down.c:[[#]] in work
#include <weir/weir.h>

static void work(weir_wg *wg, weir_chan(char) worked) {
  weir_wg_done(wg);
  weir_send(worked, 1);
}

int main(void) {
  static weir_wg wg;
  weir_chan(char) worked = weir_chan_make(char, 0);
  weir_wg_add(&wg, 1);
  weir_go(work, &wg, worked);
  weir_recv(worked, NULL);
#ifndef FIXED
  // CHECK-DAG: two_that_count_down.c:[[@LINE+1]]
  weir_wg_done(&wg);
#endif
  weir_wg_wait(&wg);
  return 0;
}
