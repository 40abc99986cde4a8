// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_13058: Done may come before Add, as the controller is started first.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: negative-wait-group wait-group-race
// names: deleted on_delete controller
#include <weir/weir.h>

static weir_wg deleted, adders, all;
static weir_chan(char) stop;
static int left = 3;

static void on_delete(void) {
#ifdef FIXED
  if (left-- <= 0) return;
#endif
  weir_wg_done(&deleted);
}

static void controller(void) {
  while (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) != 0) {
    on_delete();
    weir_sleep(WEIR_MS(10));
  }
  weir_wg_done(&all);
}

static void adder(void) {
  weir_wg_done(&adders);
}

int main(void) {
  stop = weir_chan_make(char, 0);
  weir_wg_add(&all, 1);
#ifdef FIXED
  weir_wg_add(&deleted, 3);
#endif
  weir_go(controller);
  weir_wg_add(&adders, 3);
#ifndef FIXED
  weir_wg_add(&deleted, 3);
#endif
  for (int i = 0; i < 3; i++)
    weir_go(adder);
  weir_wg_wait(&adders);
  weir_wg_wait(&deleted);
  weir_close(stop);
#ifdef FIXED
  weir_wg_wait(&all);
#endif
  return 0;
}
