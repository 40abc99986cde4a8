// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_35931: One full channel keeps the others from being told.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock
// names: push left cancel
#include <weir/weir.h>

static weir_mutex reg;
static weir_chan(char) left, right;
static weir_wg wg;

static void push(weir_chan(char) c) {
  char x = 0;
  weir_send(c, x);
}

static void push_done(weir_chan(char) c) {
  push(c);
  weir_wg_done(&wg);
}

static void cancel(void) {
  weir_chan(char) l[2];
  weir_mutex_lock(&reg);
  l[0] = left;
  l[1] = right;
  weir_mutex_unlock(&reg);
  for (int i = 0; i < 2; i++) {
#ifdef FIXED
    weir_wg_add(&wg, 1);
    weir_go(push_done, l[i]);
#else
    push(l[i]);
#endif
  }
}

int main(void) {
  left = weir_chan_make(char, 1);
  right = weir_chan_make(char, 1);
  push(left);
  cancel();
#ifdef FIXED
  weir_recv(left, NULL);
  weir_recv(left, NULL);
  weir_recv(right, NULL);
  weir_wg_wait(&wg);
#endif
  return 0;
}
