// SPDX-License-Identifier: Apache-2.0
//
// GoKer's etcd_7902: A follower waits for the end of its round with the lock held that the
// leader needs to end it.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock deadlock goroutine-leak goroutine-leak-at-exit
// names: client election mu
#include <weir/weir.h>

static weir_mutex mu;
static weir_chan(bool) nextc;
static weir_wg wg, all;

static void client(int i) {
  for (int r = 0; r < 100; r++) {
    weir_mutex_lock(&mu);
    weir_chan(bool) mine = nextc;
    weir_mutex_unlock(&mu);
    weir_mutex_lock(&mu);
    if (i == 0) {
      weir_close(nextc);
#ifdef FIXED
      if (r < 99)
#endif
        nextc = weir_chan_make(bool, 0);
    }
#ifdef FIXED
    weir_mutex_unlock(&mu);
    weir_recv(mine, NULL);
#else
    weir_recv(mine, NULL);
    weir_mutex_unlock(&mu);
#endif
  }
  weir_wg_done(&wg);
}

static void election(void) {
  nextc = weir_chan_make(bool, 0);
  weir_wg_add(&wg, 3);
  for (int i = 0; i < 3; i++)
    weir_go(client, i);
  weir_wg_wait(&wg);
  weir_wg_done(&all);
}

int main(void) {
  weir_wg_add(&all, 1);
  weir_go(election);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
