// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// Timers and tickers under other goroutines: what stop and reset promise when the fire comes at the
// same moment, goroutines that wait while a timer is moved or stopped, the order in which
// many fire, moments too far away or long past, and that none is lost.
#include <signal.h>

#include "check.h"

static bool has_value(weir_chan(int64_t) c) {
  return weir_try_recv(c, NULL, NULL);
}
// Whatever was due within ns from now has fired when this returns: one thread fires, in order.
static void let_pass(int64_t ns) {
  CHECK(weir_recv(weir_after(ns), NULL));
}

// --- one interface for both kinds
struct clock {
  weir_timer *timer; // or
  weir_ticker *ticker;
};
static weir_chan(int64_t) chan_of(struct clock c) {
  return c.timer ? weir_timer_chan(c.timer) : weir_ticker_chan(c.ticker);
}
static void stop(struct clock c) {
  if (c.timer)
    weir_timer_stop(c.timer);
  else
    weir_ticker_stop(c.ticker);
}
static void reset(struct clock c, int64_t ns) {
  if (c.timer)
    weir_timer_reset(c.timer, ns);
  else
    weir_ticker_reset(c.ticker, ns);
}

enum { FAR_S = 10000 };
static void recv_then_done(weir_chan(int64_t) c, weir_chan(int) done) {
  weir_recv(c, NULL);
  weir_send(done, 1);
}
static void recv_or_stop(weir_chan(int64_t) c, weir_chan(int) got, weir_chan(char) quit,
                         weir_wg *wg) {
  if (weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(quit, NULL, NULL)) == 0)
    weir_send(got, 1);
  weir_wg_done(wg);
}

static void without_waiters(struct clock c) {
  weir_chan(int64_t) ch = chan_of(c);
  stop(c);
  CHECK(!has_value(ch));
  reset(c, WEIR_S(FAR_S)); // a stopped one
  CHECK(!has_value(ch));
  reset(c, 1); // a pending one
  let_pass(WEIR_US(100));
  CHECK(weir_chan_len(ch) == 0 && weir_chan_cap(ch) == 0);
  CHECK(has_value(ch));
  let_pass(WEIR_US(100));
  reset(c, WEIR_S(FAR_S)); // takes back what a ticker has sent since
  CHECK(!has_value(ch));
  reset(c, 1);
  let_pass(WEIR_US(100));
  stop(c); // takes it back as well
  CHECK(!has_value(ch));
}
static void moved_under_a_waiter(struct clock c) {
  weir_chan(int) done = weir_chan_make(int, 1);
  reset(c, WEIR_S(FAR_S));
  weir_go(recv_then_done, chan_of(c), done);
  let_others_park();
  CHECK(!weir_try_recv(done, NULL, NULL));
  reset(c, WEIR_S(2 * FAR_S));
  let_others_park();
  CHECK(!weir_try_recv(done, NULL, NULL));
  reset(c, 1);
  weir_recv(done, NULL);
  if (c.ticker) CHECK(weir_recv(chan_of(c), NULL)); // and goes on
  stop(c);
  CHECK(!has_value(chan_of(c)));
  weir_chan_free(done);
}
static void two_waiters(struct clock c) {
  weir_chan(int) got = weir_chan_make(int, 2);
  weir_chan(char) quit = weir_chan_make(char, 0);
  weir_wg wg = {0};
  reset(c, WEIR_S(FAR_S));
  weir_wg_add(&wg, 2);
  for (int i = 0; i < 2; i++)
    weir_go(recv_or_stop, chan_of(c), got, quit, &wg);
  let_others_park();
  reset(c, WEIR_US(500));
  weir_recv(got, NULL);
  stop(c);
  weir_close(quit);
  weir_wg_wait(&wg);
  if (c.timer) CHECK_EQ(weir_chan_len(got), 0); // one value, one receiver
  CHECK(!has_value(chan_of(c)));
  weir_chan_free(got), weir_chan_free(quit);
}
static void waiters_of_a_stopped_one(struct clock c) {
  weir_chan(int) got = weir_chan_make(int, 2);
  weir_chan(char) quit = weir_chan_make(char, 0);
  weir_wg wg = {0};
  stop(c);
  weir_wg_add(&wg, 2);
  for (int i = 0; i < 2; i++)
    weir_go(recv_or_stop, chan_of(c), got, quit, &wg);
  let_others_park();
  weir_close(quit);
  weir_wg_wait(&wg);
  CHECK_EQ(weir_chan_len(got), 0);
  weir_chan_free(got), weir_chan_free(quit);
}
static void both_kinds(void) {
  for (int i = 0; i < 20; i++) {
    struct clock all[2] = {{.timer = weir_timer_new(WEIR_S(FAR_S))},
                           {.ticker = weir_ticker_new(WEIR_S(FAR_S))}};
    for (int k = 0; k < 2; k++) {
      without_waiters(all[k]);
      moved_under_a_waiter(all[k]);
      two_waiters(all[k]);
      waiters_of_a_stopped_one(all[k]);
    }
    weir_timer_free(all[0].timer);
    weir_ticker_free(all[1].ticker);
  }
}

// --- the answer of stop and reset, against the fire: while nobody has received, it is yes
static void race_the_fire(bool resets, weir_wg *wg) {
  for (int i = 0; i < 20; i++) {
    weir_timer *a = weir_timer_new(WEIR_US(500)), *b = weir_timer_new(WEIR_US(500));
    weir_timer *other = weir_select(weir_on_recv(weir_timer_chan(a), NULL, NULL),
                                    weir_on_recv(weir_timer_chan(b), NULL, NULL)) == 0
                            ? b
                            : a;
    CHECK(resets ? weir_timer_reset(other, WEIR_S(FAR_S)) : weir_timer_stop(other));
    CHECK(!has_value(weir_timer_chan(other)));
    CHECK_EQ(weir_timer_stop(other), resets);
    weir_timer_free(a), weir_timer_free(b);
  }
  weir_wg_done(wg);
}
static void answers(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 200; i++) {
    weir_wg_add(&wg, 1);
    weir_go(race_the_fire, i % 2 == 0, &wg);
  }
  weir_wg_wait(&wg);
}
static void answers_in_turn(void) {
  weir_timer *t = weir_timer_new(WEIR_S(FAR_S));
  CHECK(weir_timer_reset(t, 1));
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  CHECK(!weir_timer_reset(t, WEIR_S(FAR_S)));
  CHECK(weir_timer_stop(t));
  CHECK(!weir_timer_stop(t));
  CHECK(!weir_timer_reset(t, WEIR_S(FAR_S)));
  CHECK(weir_timer_reset(t, WEIR_S(FAR_S)));
  weir_timer_free(t);
}

// --- none is lost
static void at_once_again_and_again(void) {
  weir_timer *kept = weir_timer_new(WEIR_S(FAR_S));
  for (int i = 0; i < 3000; i++) {
    weir_timer *t = weir_timer_new(0);
    CHECK(weir_recv(weir_timer_chan(t), NULL));
    weir_timer_free(t);
    weir_timer_reset(kept, 0);
    CHECK(weir_recv(weir_timer_chan(kept), NULL));
  }
  weir_timer_free(kept);
}
static void moved_to_the_past(void) {
  for (int i = 0; i < 500; i++) {
    weir_timer *t = weir_timer_new(WEIR_S(FAR_S));
    for (int k = 0; k < 10; k++) {
      weir_timer_stop(t);
      weir_timer_reset(t, k % 2 ? INT64_MIN : -WEIR_S(FAR_S));
    }
    CHECK(weir_recv(weir_timer_chan(t), NULL));
    weir_timer_free(t);
  }
}
// Each goes through the same states, in an order of its own.
static void moved_about(unsigned seed) {
  enum { N = 100, STATES = 8 };
  weir_timer *t[N];
  int state[N] = {0}, left = N;
  while (left) {
    seed = seed * 1664525u + 1013904223u;
    int i = (int)((seed >> 8) % N);
    switch (state[i] < STATES ? state[i]++ : STATES) {
    case 0:
      t[i] = weir_timer_new(0);
      break;
    case 1:
    case 7:
      CHECK(weir_recv(weir_timer_chan(t[i]), NULL));
      break;
    case 2:
    case 4:
      CHECK(!weir_timer_reset(t[i], WEIR_S(FAR_S + (int)(seed >> 24))));
      break;
    case 3:
    case 5:
      CHECK(weir_timer_stop(t[i]));
      break;
    case 6:
      CHECK(!weir_timer_reset(t[i], 0));
      break;
    default:
      continue;
    }
    if (state[i] == STATES) {
      weir_timer_free(t[i]);
      left--;
    }
  }
}

// --- order and extremes
struct arrival {
  int64_t from, to; // due between these
  int64_t at;
};
static void await_slot(struct arrival *a, weir_chan(int64_t) c, weir_wg *wg) {
  CHECK(weir_recv(c, &a->at));
  weir_wg_done(wg);
}
static void in_slots(void) { // also equal ones
  static const int slots[] = {5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
  enum { N = sizeof slots / sizeof slots[0] };
  struct arrival a[N];
  weir_wg wg = {0};
  weir_wg_add(&wg, N);
  for (int i = 0; i < N; i++) {
    int64_t ns = slots[i] * WEIR_MS(3);
    a[i].from = weir_now() + ns;
    weir_chan(int64_t) c = weir_after(ns);
    a[i].to = weir_now() + ns;
    weir_go(await_slot, &a[i], c, &wg);
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < N; i++) {
    CHECK(a[i].at >= a[i].from);
    for (int j = 0; j < N; j++)
      if (a[i].to < a[j].from) CHECK(a[i].at <= a[j].at);
  }
}
static void sleep_for_ever(void) {
  weir_expect_blocked();
  weir_sleep(INT64_MAX);
  CHECK(!"came back");
}
static void extremes(void) {
  weir_go(sleep_for_ever);
  CHECK_EQ(weir_select(weir_on_recv(weir_after(INT64_MAX), NULL, NULL),
                       weir_on_recv(weir_after(WEIR_MS(5)), NULL, NULL)),
           1);
  weir_sleep(INT64_MIN);
  CHECK(weir_recv(weir_after(INT64_MIN), NULL));
  weir_ticker *t = weir_ticker_new(INT64_MAX);
  CHECK(!has_value(weir_ticker_chan(t)));
  weir_ticker_reset(t, 1);
  CHECK(weir_recv(weir_ticker_chan(t), NULL));
  weir_ticker_free(t);
}

// --- signals do not cut a sleep short
static void on_signal(int signal) {
  (void)signal;
}
static void interrupt(int n) {
  for (int i = 0; i < n; i++) {
    weir_sleep(WEIR_MS(1));
    kill(getpid(), SIGUSR1);
  }
}
static void interrupted(void) {
  struct sigaction action = {.sa_handler = on_signal}; // without SA_RESTART
  CHECK(!sigaction(SIGUSR1, &action, NULL));
  weir_wg wg = {0};
  int64_t start = weir_now();
  weir_wg_go(&wg, interrupt, 5);
  weir_sleep(WEIR_MS(10));
  CHECK(weir_now() - start >= WEIR_MS(10));
  CHECK(weir_recv(weir_after(WEIR_MS(2)), NULL));
  weir_wg_wait(&wg);
}

// --- many receivers of one
static void take_ticks(weir_chan(int64_t) c, int n, weir_wg *wg) {
  for (int i = 0; i < n; i++)
    CHECK(weir_recv(c, NULL));
  weir_wg_done(wg);
}
static void tick_or_time_out(weir_chan(int64_t) c, int n, weir_wg *wg) {
  for (int i = 0; i < n; i++)
    weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(weir_after(WEIR_MS(1)), NULL, NULL));
  weir_wg_done(wg);
}
static void shared_ticker(void (*take)(weir_chan(int64_t), int, weir_wg *), int64_t period) {
  weir_ticker *t = weir_ticker_new(period);
  weir_wg wg = {0};
  weir_wg_add(&wg, 8);
  for (int i = 0; i < 8; i++)
    weir_go(take, weir_ticker_chan(t), 100, &wg);
  weir_wg_wait(&wg);
  weir_ticker_free(t);
}
static void poll_and_reset(weir_timer *t, int n, weir_wg *wg) {
  for (int i = 0; i < n; i++) {
    weir_try_recv(weir_timer_chan(t), NULL, NULL);
    weir_timer_reset(t, 1);
  }
  weir_wg_done(wg);
}
static void shared_timer(void) {
  weir_timer *t = weir_timer_new(1);
  weir_wg wg = {0};
  weir_wg_add(&wg, 4);
  for (int i = 0; i < 4; i++)
    weir_go(poll_and_reset, t, 2000, &wg);
  weir_wg_wait(&wg);
  weir_timer_reset(t, 0);
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  weir_timer_free(t);
}

int main(void) {
  both_kinds();
  answers();
  answers_in_turn();
  at_once_again_and_again();
  moved_to_the_past();
  for (unsigned seed = 0; seed < 5; seed++)
    moved_about(seed);
  in_slots();
  extremes();
  interrupted();
  shared_ticker(take_ticks, 1);
  shared_ticker(tick_or_time_out, WEIR_US(1));
  shared_timer();
}
