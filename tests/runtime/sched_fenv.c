// SPDX-License-Identifier: Apache-2.0
// The rounding mode that a goroutine sets stays with it over every kind of wait, is inherited by
// those it starts, and is seen by no other. A blocking call has its caller's, and may change it.
// RUN: %weircc_plain %s -o %t -lm
// RUN: env WEIR_OPTIONS=procs=1 %t
// RUN: env WEIR_OPTIONS=procs=3 %t
// RUN: %weircc %s -o %t.i -lm && env WEIR_OPTIONS=procs=2 %t.i
#include <fenv.h>

#include "check.h"

enum { KEEPERS = 16, ROUNDS = 200 };
static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};

static volatile double one = 1, three = 3;
static volatile long double long_one = 1, long_three = 3;

// Which way numbers are rounded, by SSE and by x87; not by asking.
static int rounds_up(void) {
  double third = one / three, minus = -one / three;
  return (third * 3 > 1) + 2 * (third > -minus) + 4 * (third < -minus);
}
static long double long_third(void) {
  return long_one / long_three;
}

static void feeds(weir_chan(int) from) {
  for (int i = 0; i < KEEPERS * ROUNDS / 4; i++)
    weir_send(from, i);
}
static void drains(weir_chan(int) to) {
  while (weir_recv(to, NULL)) {
  }
}

static void keeps(int mode, weir_chan(int) to, weir_chan(int) from, weir_wg *wg) {
  CHECK_EQ(fegetround(), FE_TONEAREST);
  CHECK_EQ(fesetround(mode), 0);
  int how = rounds_up();
  double third = one / three;
  long double more = long_third();
  for (int i = 0; i < ROUNDS; i++) {
    if (i % 4 == 0) weir_yield();
    if (i % 4 == 1) weir_send(to, i);
    if (i % 4 == 2) weir_recv(from, NULL);
    if (i % 32 == 3) weir_sleep(WEIR_US(50));
    CHECK_EQ(fegetround(), mode);
    CHECK_EQ(rounds_up(), how);
    CHECK(one / three == third && long_third() == more);
  }
  weir_wg_done(wg);
}

static void inherits(int mode, weir_wg *wg) {
  CHECK_EQ(fegetround(), mode);
  weir_wg_done(wg);
}

static void starts_one(weir_wg *wg) {
  fesetround(FE_UPWARD);
  weir_go(inherits, FE_UPWARD, wg); // and ends without setting it back
}

static void changes(int before, int after) {
  CHECK_EQ(fegetround(), before);
  CHECK_EQ(fesetround(after), 0);
}

static void calls(int mode, weir_wg *wg) {
  fesetround(mode);
  for (int i = 0; i < 8; i++) {
    int before = modes[i % 4], after = modes[(i + 1) % 4];
    fesetround(before);
    weir_blocking(changes, before, after);
    CHECK_EQ(fegetround(), after);
  }
  weir_wg_done(wg);
}

static void blocking(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 8);
  for (int i = 0; i < 8; i++)
    weir_go(calls, modes[i % 4], &wg);
  weir_wg_wait(&wg);
  CHECK_EQ(fegetround(), FE_TONEAREST);
}

int main(void) {
  blocking();
  weir_wg wg = {0};
  weir_chan(int) to = weir_chan_make(int, 0), from = weir_chan_make(int, 0);
  weir_go(feeds, from);
  weir_go(drains, to);
  weir_wg_add(&wg, KEEPERS);
  for (int i = 0; i < KEEPERS; i++)
    weir_go(keeps, modes[i % 4], to, from, &wg);
  weir_wg_wait(&wg);
  CHECK_EQ(fegetround(), FE_TONEAREST);
  for (int i = 0; i < 100; i++) {
    weir_wg_add(&wg, 2);
    weir_go(starts_one, &wg);
    weir_go(inherits, FE_TONEAREST, &wg);
    weir_wg_wait(&wg);
  }
  weir_close(to);
  return 0;
}
