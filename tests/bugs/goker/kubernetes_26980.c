// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_26980: The popper waits for the stop with the lock held that the locker
// needs before anybody stops. That main unlocks what the locker locked is meant so.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock
// names: popper locker L stop
#include <weir/weir.h>

static weir_mutex L;
static weir_cond C;
static int pending;
static weir_chan(char) stop, result;
static weir_wg wg;

static bool closed(weir_chan(char) c) {
  return weir_select(weir_on_recv(c, NULL, NULL), weir_on_default()) == 0;
}

static void add(int n) {
  weir_mutex_lock(&L);
  pending += n;
  weir_cond_broadcast(&C);
  weir_mutex_unlock(&L);
}

#ifdef FIXED
static bool next(void) {
  weir_guard(&L);
  while (!pending) {
    if (closed(stop)) return false;
    weir_cond_wait(&C, &L);
  }
  pending--;
  return true;
}

static void popper(void) {
  while (next())
    if (weir_select(weir_on_recv(stop, NULL, NULL)) == 0) break;
  weir_wg_done(&wg);
}
#else
static void popper(void) {
  weir_mutex_lock(&L);
  for (;;) {
    while (!pending) {
      if (closed(stop)) goto out;
      weir_cond_wait(&C, &L);
    }
    if (weir_select(weir_on_recv(stop, NULL, NULL)) == 0) break;
  }
out:
  weir_mutex_unlock(&L);
  weir_wg_done(&wg);
}
#endif

static void locker(void) {
  weir_mutex_lock(&L);
  weir_close(result);
  weir_wg_done(&wg);
}

int main(void) {
  stop = weir_chan_make(char, 0);
  add(1);
  weir_wg_add(&wg, 2);
  weir_go(popper);
  result = weir_chan_make(char, 0);
  weir_go(locker);
  weir_recv(result, NULL);
  weir_mutex_unlock(&L);
  weir_close(stop);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  return 0;
}
