// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: not %t deadlock 2>&1 | FileCheck %s
// RUN: %weircc %s -o %t.i && %t.i && not %t.i deadlock 2>&1 | FileCheck %s
// CHECK: Weir: deadlock
//
// A timer that runs a function: once for each time it is set, never early, never after a stop that
// kept it from starting; the goroutine knows what was done before it was set. While it is
// pending it is life, stopped it is none.
#include <stdatomic.h>

#include "check.h"

enum { MANY = 200 };
static int plain;
static atomic_int runs;

static void tell(weir_chan(int) out, int n) {
  weir_send(out, n + plain);
}
static void count(weir_wg *wg) {
  atomic_fetch_add(&runs, 1);
  weir_wg_done(wg);
}
static void free_it(weir_chan(weir_timer *) in) {
  weir_timer *self;
  weir_recv(in, &self);
  weir_timer_free(self);
}

static void again(void) { // nothing else can go on: the timer is life
  weir_chan(int) out = weir_chan_make(int, 0);
  int64_t start = weir_now();
  int got, n = 40;
  plain = 1;
  weir_timer *t = weir_after_func(WEIR_MS(150), tell, out, n);
  n = 0;
  CHECK(weir_timer_chan(t) == NULL);
  CHECK(weir_recv(out, &got) && got == 41 && weir_now() - start >= WEIR_MS(150));
  CHECK(!weir_timer_stop(t));
  plain = 2;
  CHECK(!weir_timer_reset(t, -1));
  CHECK(weir_recv(out, &got) && got == 42);
  CHECK(!weir_timer_reset(t, WEIR_S(1000)) && weir_timer_reset(t, 0));
  CHECK(weir_recv(out, &got) && got == 42);
  CHECK(!weir_timer_reset(t, WEIR_S(1000)) && weir_timer_stop(t) && !weir_timer_stop(t));
  weir_timer_free(t);
  weir_chan_free(out);
}

static void frees_itself(void) {
  weir_chan(weir_timer *) out = weir_chan_make(weir_timer *, 0);
  weir_timer *t = weir_after_func(0, free_it, out);
  weir_send(out, t);
  while (weir_num_goroutine() > 1)
    weir_yield();
  weir_chan_free(out);
}

static void stop_against_fire(void) { // it runs, or the stop says that it does not
  int kept = 0;
  for (int i = 0; i < MANY; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_timer *t = weir_after_func(WEIR_US(i % 20 * 5), count, &wg);
    for (int64_t until = weir_now() + WEIR_US(i / 2); weir_now() < until;)
      if (i % 4) weir_yield();
    if (weir_timer_stop(t)) {
      kept++;
      weir_wg_done(&wg);
    }
    weir_wg_wait(&wg);
    weir_timer_free(t);
  }
  CHECK_EQ(atomic_load(&runs) + kept, MANY);
}

int main(int argc, char **argv) {
  (void)argv;
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_timer *t = weir_after_func(WEIR_S(1000), tell, out, 1);
  if (argc > 1) {
    weir_timer_stop(t);
    weir_recv(out, NULL);
  }
  weir_timer_free(t);
  again(), frees_itself(), stop_against_fire();
  weir_chan_free(out);
  return 0;
}
