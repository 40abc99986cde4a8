// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && %t.i
//
// Timers and tickers: stop and reset take back what was not received; a slow reader gets one
// tick, not all. What has fired is known without a sleep: timers fire in order on one
// thread, so when a later one has been received, an earlier one has gone off.
#include "check.h"

static bool has_value(weir_chan(int64_t) c) {
  return weir_try_recv(c, NULL, NULL);
}
// Whatever was due within ns from now has fired when this returns.
static void let_pass(int64_t ns) {
  CHECK(weir_recv(weir_after(ns), NULL));
}

static void once(void) {
  int64_t start = weir_now(), at;
  weir_timer *t = weir_timer_new(WEIR_MS(3));
  CHECK(weir_recv(weir_timer_chan(t), &at));
  CHECK(at - start >= WEIR_MS(3));
  CHECK(!weir_timer_stop(t)); // spent
  let_pass(WEIR_MS(5));
  CHECK(!has_value(weir_timer_chan(t)));
  weir_timer_free(t);
  weir_timer_free(NULL);
  t = weir_timer_new(-5); // at once
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  weir_timer_free(t);
}

static void stopped(void) {
  weir_timer *t = weir_timer_new(WEIR_MS(2));
  CHECK(weir_timer_stop(t));
  CHECK(!weir_timer_stop(t));
  let_pass(WEIR_MS(4));
  CHECK(!has_value(weir_timer_chan(t)));
  CHECK(!weir_timer_reset(t, 0)); // a stopped one goes on
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  weir_timer_free(t);
}

static void no_stale_value(void) {
  weir_timer *t = weir_timer_new(WEIR_MS(1));
  let_pass(WEIR_MS(2));
  CHECK_EQ(weir_chan_len(weir_timer_chan(t)), 0); // sent, but not to be seen
  CHECK_EQ(weir_chan_cap(weir_timer_chan(t)), 0);
  CHECK(weir_timer_stop(t)); // in time: nobody has received it
  CHECK(!has_value(weir_timer_chan(t)));
  weir_timer_reset(t, 0);
  let_pass(WEIR_MS(1));
  int64_t now = weir_now(), at;
  CHECK(weir_timer_reset(t, WEIR_MS(4)));
  CHECK(!has_value(weir_timer_chan(t)));
  CHECK(weir_recv(weir_timer_chan(t), &at));
  CHECK(at - now >= WEIR_MS(4));
  CHECK(!has_value(weir_timer_chan(t)));
  weir_timer_free(t);
}

static void moved(void) { // while pending, both ways
  int64_t start = weir_now(), at;
  weir_timer *t = weir_timer_new(WEIR_S(1000));
  CHECK(weir_timer_reset(t, WEIR_MS(1)));
  CHECK(weir_timer_reset(t, WEIR_MS(6)));
  CHECK(weir_recv(weir_timer_chan(t), &at));
  CHECK(at - start >= WEIR_MS(6));
  CHECK(!weir_timer_reset(t, INT64_MAX));
  let_pass(WEIR_MS(1));
  CHECK(!has_value(weir_timer_chan(t)));
  weir_timer_free(t);
}

// Stops and resets that meet the fire itself.
static void against_the_fire(void) {
  weir_timer *t = weir_timer_new(0);
  for (int i = 0; i < 3000; i++) {
    int64_t before = weir_now(), at;
    weir_timer_reset(t, WEIR_US(i % 40));
    if (i % 3 == 0) {
      CHECK(weir_recv(weir_timer_chan(t), &at));
      CHECK(at - before >= WEIR_US(i % 40));
      CHECK(!weir_timer_stop(t));
    } else if (i % 3 == 1) {
      weir_timer_stop(t);
      CHECK(!has_value(weir_timer_chan(t)));
      if (i % 100 == 1) let_pass(WEIR_US(50));
      CHECK(!has_value(weir_timer_chan(t)));
    }
  }
  weir_timer_free(t);
}

static void reset_often(weir_timer *t, weir_wg *wg) {
  for (int i = 0; i < 500; i++) {
    weir_timer_reset(t, WEIR_US(i % 30));
    if (i % 7 == 0) weir_timer_stop(t);
    if (i % 16 == 0) weir_yield();
  }
  weir_wg_done(wg);
}
static void shared(void) { // several goroutines at once
  weir_timer *t = weir_timer_new(0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 4);
  for (int i = 0; i < 4; i++)
    weir_go(reset_often, t, &wg);
  weir_wg_wait(&wg);
  weir_timer_reset(t, 0);
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  CHECK(!weir_timer_stop(t));
  weir_timer_free(t);
}

static void ticks(void) {
  int64_t start = weir_now(), at;
  weir_ticker *t = weir_ticker_new(WEIR_MS(2));
  for (int i = 1; i <= 5; i++) {
    CHECK(weir_recv(weir_ticker_chan(t), &at));
    CHECK(at - start >= i * WEIR_MS(2)); // in step, however late we are
  }
  let_pass(WEIR_MS(20)); // too slow: one tick waits, the rest is dropped
  int64_t late = weir_now();
  CHECK(weir_recv(weir_ticker_chan(t), &at));
  CHECK(at <= late);
  CHECK(weir_recv(weir_ticker_chan(t), &at));
  CHECK(at >= late);
  let_pass(WEIR_MS(4));
  weir_ticker_stop(t);
  CHECK(!has_value(weir_ticker_chan(t)));
  let_pass(WEIR_MS(4));
  CHECK(!has_value(weir_ticker_chan(t)));
  weir_ticker_free(t);
}

static void reset_ticker(void) {
  weir_ticker *t = weir_ticker_new(WEIR_S(1000));
  int64_t start = weir_now(), at;
  weir_ticker_reset(t, WEIR_MS(2));
  CHECK(weir_recv(weir_ticker_chan(t), NULL));
  CHECK(weir_recv(weir_ticker_chan(t), &at));
  CHECK(at - start >= WEIR_MS(4));
  weir_ticker_stop(t);
  weir_ticker_reset(t, WEIR_US(10));
  for (int i = 0; i < 100; i++)
    CHECK(weir_recv(weir_ticker_chan(t), NULL));
  weir_ticker_free(t); // while it ticks
  weir_ticker_free(NULL);
}

static void many(void) {
  enum { N = 20000 };
  static weir_timer *t[N];
  int64_t start = weir_now(), at;
  for (int i = 0; i < N; i++)
    t[i] = weir_timer_new(WEIR_US((i * 7919) % 20000));
  for (int i = 0; i < N; i += 2)
    weir_timer_stop(t[i]);
  for (int i = 1; i < N; i += 2) {
    CHECK(weir_recv(weir_timer_chan(t[i]), &at));
    CHECK(at - start >= WEIR_US((i * 7919) % 20000));
  }
  for (int i = 0; i < N; i++) {
    CHECK(!has_value(weir_timer_chan(t[i])));
    weir_timer_free(t[i]);
  }
}

int main(void) {
  once();
  stopped();
  no_stale_value();
  moved();
  against_the_fire();
  shared();
  ticks();
  reset_ticker();
  many();
}
