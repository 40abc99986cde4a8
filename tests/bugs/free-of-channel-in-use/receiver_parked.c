// SPDX-License-Identifier: Apache-2.0
//
// The channel is freed while a goroutine is parked in a receive on it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: free of channel in use
#include "parked.h"

static void wait_for_it(weir_chan(int) ch, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_recv(ch, NULL);
}

int main(void) {
  weir_chan(int) ch = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(wait_for_it, ch, &wg);
#ifdef FIXED
  weir_close(ch);
  weir_wg_wait(&wg);
#else
  until_parked(1);
#endif
  // CHECK-DAG: receiver_parked.c:[[@LINE+1]]
  weir_chan_free(ch);
  return 0;
}
