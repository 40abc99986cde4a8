// SPDX-License-Identifier: Apache-2.0
//
// weir_wg_go takes the goroutine out of the group when it ends; this one does so itself as well,
// as it did when it was started by weir_go. The fixed twin leaves it to the call.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: negative wait group
// CHECK-SAME: [observed]
#include <weir/weir.h>

static void convert(int page, weir_chan(int) pages, weir_wg *wg) {
  weir_send(pages, page);
#ifdef FIXED
  (void)wg;
#else
  weir_wg_done(wg);
#endif
}

int main(void) {
  static weir_wg wg;
  weir_chan(int) pages = weir_chan_make(int, 1);
  // CHECK-DAG: go_does_it.c:[[@LINE+1]]
  weir_wg_go(&wg, convert, 1, pages, &wg);
  weir_recv(pages, NULL);
  weir_wg_wait(&wg);
  weir_chan_free(pages);
  return 0;
}
