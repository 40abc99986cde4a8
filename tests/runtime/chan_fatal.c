// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %weircc %s -o %t.i
// RUN: for w in send parked select parked-select try; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=SEND || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=SEND || exit 1; done
// RUN: for w in close; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=CLOSE || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=CLOSE || exit 1; done
// RUN: for w in close-nil; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=NIL || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=NIL || exit 1; done
// RUN: for w in free use-after-free; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=FREE || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=FREE || exit 1; done
// RUN: for w in unlock; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=UNLOCK || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=UNLOCK || exit 1; done
// RUN: for w in negative; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=NEGATIVE || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=NEGATIVE || exit 1; done
//
// Misuse ends the program, wherever it is noticed: at the call, or in a sender that was
// already waiting.
#include <stdatomic.h>
#include <string.h>

#include "check.h"

static weir_chan(int) c;
static weir_mutex mu;
static weir_wg wg;

// One worker, no preemption: a goroutine that has arrived and does not run is parked.
const char *weir_default_options(void) {
  return "procs=1";
}
static atomic_int arrived;
static void wait_parked(void) {
  while (!arrived)
    weir_yield();
}

// SEND: Weir: send on closed
static void sender(void) {
  arrived = 1;
  weir_send(c, 1);
}
static void selector(void) {
  weir_chan(int) never = weir_chan_make(int, 0);
  int v;
  arrived = 1;
  weir_select(weir_on_recv(never, &v, NULL), weir_on_send(c, 1));
}
static void close_under(void (*fn)(void)) {
  c = weir_chan_make(int, 0);
  weir_go(fn);
  wait_parked();
  weir_close(c);
  weir_recv(weir_after(WEIR_S(20)), NULL);
}
static void receiver(void) {
  arrived = 1;
  weir_recv(c, NULL);
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  c = weir_chan_make(int, 1);
  if (!strcmp(what, "parked")) close_under(sender);
  if (!strcmp(what, "parked-select")) close_under(selector);
  if (!strcmp(what, "close-nil")) weir_close((weir_chan(int))NULL);
  // NIL: Weir: close of nil
  if (!strcmp(what, "free")) {
    c = weir_chan_make(int, 0);
    weir_go(receiver);
    wait_parked();
    weir_chan_free(c);
    // FREE: Weir: free of channel in use
  }
  if (!strcmp(what, "use-after-free")) {
    weir_chan_free(c);
    weir_send(c, 1);
  }
  if (!strcmp(what, "unlock")) weir_mutex_unlock(&mu);
  // UNLOCK: Weir: unlock of unlocked
  if (!strcmp(what, "negative")) weir_wg_done(&wg);
  // NEGATIVE: Weir: negative wait group
  weir_close(c);
  if (!strcmp(what, "send")) weir_send(c, 1);
  if (!strcmp(what, "try")) weir_try_send(c, 1);
  if (!strcmp(what, "select")) weir_select(weir_on_send(c, 1), weir_on_default());
  if (!strcmp(what, "close")) weir_close(c);
  // CLOSE: Weir: close of closed
}
