// SPDX-License-Identifier: Apache-2.0
// A hundred thousand goroutines live at once, and a million started and finished; the count
// of live goroutines follows.
// RUN: %weircc_plain -O2 %s -o %t && %t
#include <stdio.h>
#include <weir/weir.h>

static void wait_for(weir_chan(int) gate, weir_wg *wg) {
  weir_recv(gate, NULL);
  weir_wg_done(wg);
}

static void nothing(weir_wg *wg) { weir_wg_done(wg); }

int main(void) {
  weir_chan(int) gate = weir_chan_make(int, 0);
  weir_wg wg = {0};
  enum { LIVE = 100000, STARTED = 1000000 };
  weir_wg_add(&wg, LIVE);
  for (int i = 0; i < LIVE; i++)
    weir_go(wait_for, gate, &wg);
  if (weir_num_goroutine() != LIVE + 1) return 1;
  weir_close(gate);
  weir_wg_wait(&wg);
  weir_wg_add(&wg, STARTED);
  for (int i = 0; i < STARTED; i++)
    weir_go(nothing, &wg);
  weir_wg_wait(&wg);
  weir_chan_free(gate);
  return 0;
}
