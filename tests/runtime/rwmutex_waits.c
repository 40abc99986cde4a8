// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i
//
// What looks like a cycle through readers and is none must not be reported: long waits for
// readers that go on, read locks that others give back, more locks than are remembered.
#include <stdatomic.h>

#include "check.h"

static weir_rwmutex m;
static weir_mutex x;

// Takes the read side, and leaves it to who is told.
static void lend(weir_chan(char) lent, weir_chan(char) go_on, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  weir_rwmutex_rlock(&m);
  weir_send(lent, 0);
  weir_recv(go_on, NULL);
  weir_guard(&x); // waits for `writer`, and holds nothing
}
static void reads(weir_chan(char) reading, weir_chan(char) go_on, weir_wg *wg) {
  weir_rwmutex_rlock(&m);
  weir_send(reading, 0);
  weir_recv(go_on, NULL);
  weir_sleep(WEIR_MS(450)); // several ticks of the detector
  weir_rwmutex_runlock(&m);
  weir_wg_done(wg);
}
static void writer(weir_chan(char) locked, weir_wg *wg) {
  weir_guard(&x);
  weir_send(locked, 0);
  weir_guard(&m); // waits for `reads`
  weir_wg_done(wg);
}

// The writer waits for a reader that only sleeps; the other one has given its lock away.
static void given_back(bool first_alone) {
  weir_chan(char) step = weir_chan_make(char, 0), go_on = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(lend, step, go_on, &wg);
  weir_recv(step, NULL);
  if (first_alone) weir_rwmutex_runlock(&m);
  weir_wg_add(&wg, 2);
  weir_go(reads, step, go_on, &wg);
  weir_recv(step, NULL);
  if (!first_alone) weir_rwmutex_runlock(&m);
  weir_go(writer, step, &wg);
  weir_recv(step, NULL);
  weir_close(go_on);
  weir_wg_wait(&wg);
  weir_chan_free(step), weir_chan_free(go_on);
}

static void ordered(weir_rwmutex *locks, int n, weir_wg *wg) {
  for (int round = 0; round < 100; round++) {
    for (int i = 0; i < n; i++)
      if ((round + i) % 3)
        weir_rwmutex_rlock(&locks[i]);
      else
        weir_rwmutex_lock(&locks[i]);
    if (round % 8 == 0) weir_yield();
    for (int i = n - 1; i >= 0; i--)
      if ((round + i) % 3)
        weir_rwmutex_runlock(&locks[i]);
      else
        weir_rwmutex_unlock(&locks[i]);
  }
  weir_wg_done(wg);
}

static void many(int n) { // always in the same order
  weir_rwmutex locks[20] = {0};
  weir_wg wg = {0};
  for (int i = 0; i < 40; i++) {
    weir_wg_add(&wg, 1);
    weir_go(ordered, locks, n, &wg);
  }
  weir_wg_wait(&wg);
}

int main(void) {
  given_back(true);
  given_back(false);
  many(3);
  many(20);
  return 0;
}
