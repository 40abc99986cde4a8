// SPDX-License-Identifier: Apache-2.0
//
// The same with one of several channels of a select.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: free of channel in use
#include "parked.h"

static void serve(weir_chan(int) a, weir_chan(int) b, weir_chan(int) quit, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  while (weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(b, NULL, NULL),
                     weir_on_recv(quit, NULL, NULL)) != 2)
    ;
}

int main(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_chan(int) quit = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(serve, a, b, quit, &wg);
  weir_send(a, 1);
#ifdef FIXED
  weir_close(quit);
  weir_wg_wait(&wg);
#else
  until_parked(1);
#endif
  // CHECK-DAG: select_parked.c:[[@LINE+1]]
  weir_chan_free(b);
  return 0;
}
