// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_10182: A status is sent with the lock held that the only receiver wants
// next.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock deadlock goroutine-leak goroutine-leak-at-exit lock-order
// names: syncer setter rw ch
#include <weir/weir.h>

static weir_rwmutex rw;
static weir_chan(bool) ch;
static weir_wg wg;

static void del(void) {
  weir_rwmutex_lock(&rw);
  weir_rwmutex_unlock(&rw);
#ifdef FIXED
  weir_wg_done(&wg);
#endif
}

static void syncer(void) {
  for (int i = 0; i < 2; i++) {
    weir_recv(ch, NULL);
#ifdef FIXED
    weir_wg_add(&wg, 1);
    weir_go(del);
#else
    del();
#endif
  }
  weir_wg_done(&wg);
}

static void starter(void) {
  weir_wg_add(&wg, 1);
  weir_go(syncer);
  weir_wg_done(&wg);
}

static void setter(void) {
  weir_rwmutex_lock(&rw);
  bool t = true;
  weir_send(ch, t);
  weir_rwmutex_unlock(&rw);
  weir_wg_done(&wg);
}

int main(void) {
  ch = weir_chan_make(bool, 0);
  weir_wg_add(&wg, 3);
  weir_go(starter);
  weir_go(setter);
  weir_go(setter);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  return 0;
}
