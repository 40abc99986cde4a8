// SPDX-License-Identifier: Apache-2.0
//
// The channel is freed while a goroutine is parked in a receive on it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: free of channel in use
#include <weir/weir.h>

static void wait_for_it(weir_chan(int) ch, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_recv(ch, NULL);
}

static void until_parked(void) {
  for (int i = 0; i < 100000; i++)
    weir_yield();
}

int main(void) {
  weir_chan(int) ch = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(wait_for_it, ch, &wg);
#ifdef FIXED
  weir_close(ch);
  weir_wg_wait(&wg);
#endif
  until_parked();
  // CHECK-DAG: receiver_parked.c:[[@LINE+1]]
  weir_chan_free(ch);
  return 0;
}
