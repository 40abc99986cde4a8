// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// The wait group: counts, wakes every waiter, is used again, may be destroyed as soon as
// wait returns, and is done also when its goroutine leaves by weir_goexit.
#include <string.h>

#include "check.h"

static void store(int *slot, int v) {
  *slot = v;
}

static void counts(void) {
  weir_wg wg = {0};
  int slots[100] = {0};
  weir_wg_wait(&wg); // nothing to wait for
  for (int round = 1; round <= 20; round++) {
    for (int i = 0; i < 100; i++)
      weir_wg_go(&wg, store, &slots[i], round);
    weir_wg_wait(&wg);
    for (int i = 0; i < 100; i++)
      CHECK_EQ(slots[i], round);
  }
}

static void wait_then(weir_wg *wg, weir_chan(int) out, const int *value) {
  weir_wg_wait(wg);
  weir_send(out, *value);
}
static void several_waiters(void) {
  weir_wg wg = {0};
  weir_chan(int) out = weir_chan_make(int, 0);
  int value = 0, v;
  weir_wg_add(&wg, 3);
  for (int i = 0; i < 20; i++)
    weir_go(wait_then, &wg, out, &value);
  weir_yield();
  weir_wg_add(&wg, -2);
  CHECK(!weir_try_recv(out, &v, NULL));
  value = 42;
  weir_wg_done(&wg);
  for (int i = 0; i < 20; i++) {
    weir_recv(out, &v);
    CHECK_EQ(v, 42);
  }
  weir_chan_free(out);
}

static void done(weir_wg *wg) {
  weir_wg_done(wg);
}
// The frame that held it is overwritten at once; a late access by done would hit that.
__attribute__((noinline)) static void short_lived(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(done, &wg);
  weir_go(done, &wg);
  weir_wg_wait(&wg);
  memset(&wg, 0xa5, sizeof wg);
}

static void leave(void) {
  weir_goexit();
}

int main(void) {
  counts();
  several_waiters();
  for (int i = 0; i < 5000; i++)
    short_lived();
  weir_wg wg = {0};
  for (int i = 0; i < 10; i++)
    weir_wg_go(&wg, leave);
  weir_wg_wait(&wg);
}
