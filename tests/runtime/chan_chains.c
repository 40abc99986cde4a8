// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 10000 || exit 1; done
// RUN: %weircc -O1 %s -o %t.i
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i 1000 || exit 1; done
//
// Long lines of goroutines: a value handed from one to the next, goroutines that start each other,
// receivers who line up in a known order, every pair of blocking forms meeting, and a pool of
// workers that hands on and gives way.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static int length;

// --- one value through all of them
static void hand_on(weir_chan(int) left, weir_chan(int) right) {
  int v;
  weir_recv(right, &v);
  weir_send(left, v + 1);
}
static void send_first(weir_chan(int) c) {
  weir_send(c, 1);
}
static void daisy_chain(void) {
  weir_chan(int) *c = calloc((size_t)length + 1, sizeof *c);
  c[0] = weir_chan_make(int, 0);
  for (int i = 0; i < length; i++) {
    c[i + 1] = weir_chan_make(int, 0);
    weir_go(hand_on, c[i], c[i + 1]);
  }
  weir_go(send_first, c[length]);
  int v;
  weir_recv(c[0], &v);
  CHECK_EQ(v, length + 1);
  for (int i = 0; i <= length; i++)
    weir_chan_free(c[i]);
  free(c);
}

// --- each starts the next and waits for it
static void nest(int depth, weir_chan(int) up) {
  int below = 0;
  if (depth > 0) {
    weir_chan(int) c = weir_chan_make(int, 0);
    weir_go(nest, depth - 1, c);
    weir_recv(c, &below);
    weir_chan_free(c);
  }
  weir_send(up, below + 1);
}
static void leave_to_the_next(int depth, weir_wg *wg) { // and ends before it does
  if (depth > 0) {
    weir_wg_add(wg, 1);
    weir_go(leave_to_the_next, depth - 1, wg);
  }
  weir_wg_done(wg);
}
static void started_by_each_other(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg wg = {0};
  int n;
  weir_go(nest, length, c);
  weir_recv(c, &n);
  CHECK_EQ(n, length + 1);
  weir_chan_free(c);
  weir_wg_add(&wg, 1);
  weir_go(leave_to_the_next, length, &wg);
  weir_wg_wait(&wg);
}

// --- order: each receives only when the one before has
static void take_turn(weir_chan(int) c, int want, weir_chan(int) in, weir_chan(int) out) {
  int v;
  weir_recv(in, NULL);
  weir_recv(c, &v);
  CHECK_EQ(v, want);
  weir_send(out, 1);
}
static void in_line(int cap) {
  enum { N = 50 };
  weir_chan(int) c = weir_chan_make(int, cap), turn[N + 1];
  for (int i = 0; i <= N; i++)
    turn[i] = weir_chan_make(int, 0);
  for (int i = 0; i < N; i++)
    weir_go(take_turn, c, i, turn[i], turn[i + 1]);
  weir_send(turn[0], 0);
  for (int i = 0; i < N; i++)
    weir_send(c, i);
  weir_recv(turn[N], NULL);
  for (int i = 0; i <= N; i++)
    weir_chan_free(turn[i]);
  weir_chan_free(c);
}

// --- every blocking form with every other
static void recv_plain(weir_chan(int) c, weir_chan(int) never) {
  (void)never;
  CHECK(weir_recv(c, NULL));
}
static void recv_select_1(weir_chan(int) c, weir_chan(int) never) {
  (void)never;
  CHECK_EQ(weir_select(weir_on_recv(c, NULL, NULL)), 0);
}
static void recv_select_2(weir_chan(int) c, weir_chan(int) never) {
  CHECK_EQ(weir_select(weir_on_recv(never, NULL, NULL), weir_on_recv(c, NULL, NULL)), 1);
}
static void send_plain(weir_chan(int) c, weir_chan(int) never) {
  (void)never;
  weir_send(c, 1);
}
static void send_select_1(weir_chan(int) c, weir_chan(int) never) {
  (void)never;
  CHECK_EQ(weir_select(weir_on_send(c, 1)), 0);
}
static void send_select_2(weir_chan(int) c, weir_chan(int) never) {
  CHECK_EQ(weir_select(weir_on_send(c, 1), weir_on_send(never, 1)), 0);
}
typedef void form(weir_chan(int) c, weir_chan(int) never);
static void run_form(form *f, weir_chan(int) c, weir_chan(int) never, weir_wg *wg) {
  f(c, never);
  weir_wg_done(wg);
}
static void forms_meet(bool sender_waits) {
  static form *const recvs[] = {recv_plain, recv_select_1, recv_select_2};
  static form *const sends[] = {send_plain, send_select_1, send_select_2};
  for (int i = 0; i < 9; i++) {
    weir_chan(int) c = weir_chan_make(int, 0), theirs = weir_chan_make(int, 0),
                   ours = weir_chan_make(int, 0);
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(run_form, sender_waits ? sends[i / 3] : recvs[i / 3], c, theirs, &wg);
    let_others_park();
    (sender_waits ? recvs : sends)[i % 3](c, ours);
    weir_wg_wait(&wg);
    CHECK(!weir_try_send(c, 1) && !weir_try_recv(c, NULL, NULL));
    CHECK(!weir_try_send(theirs, 1) && !weir_try_recv(theirs, NULL, NULL));
    CHECK(!weir_try_send(ours, 1) && !weir_try_recv(ours, NULL, NULL));
    weir_chan_free(c), weir_chan_free(theirs), weir_chan_free(ours);
  }
}

// --- who tries again and again does meet who waits
static void wait_to_recv(weir_chan(long) c, weir_chan(bool) strobe) {
  long v;
  weir_recv(c, &v);
  CHECK_EQ(v, 123456);
  weir_send(strobe, true);
}
static void wait_to_send(weir_chan(long) c, weir_chan(bool) strobe) {
  weir_send(c, 234567);
  weir_send(strobe, true);
}
static void tries_meet(int cap) {
  weir_chan(long) c = weir_chan_make(long, cap);
  weir_chan(bool) strobe = weir_chan_make(bool, 0);
  long v = 0;
  CHECK(!weir_try_recv(c, &v, NULL));
  weir_go(wait_to_recv, c, strobe);
  while (!weir_try_send(c, 123456))
    weir_yield();
  weir_recv(strobe, NULL);
  weir_go(wait_to_send, c, strobe);
  if (cap) weir_recv(strobe, NULL);
  while (weir_select(weir_on_recv(c, &v, NULL), weir_on_default()) == WEIR_DEFAULT)
    weir_yield();
  CHECK_EQ(v, 234567);
  if (!cap) weir_recv(strobe, NULL);
  weir_chan_free(c), weir_chan_free(strobe);
}

// --- many consumers of one queue
enum { WORKERS = 23 };
static const int weights[] = {2, 3, 7, 11, 13, 17, 19, 23, 27, 31};
enum { WEIGHTS = sizeof weights / sizeof weights[0] };
static void pass_on(int id, weir_chan(int) in, weir_chan(int) out) {
  int v;
  while (weir_recv(in, &v)) {
    if (weights[id % WEIGHTS] == v) weir_yield();
    weir_send(out, v);
  }
}
static void feed(int n, weir_chan(int) in, weir_chan(int) out, weir_wg *workers) {
  for (int i = 0; i < n; i++)
    weir_send(in, weights[i % WEIGHTS]);
  weir_close(in);
  weir_wg_wait(workers);
  weir_close(out);
}
static void many_consumers(int n) {
  weir_chan(int) in = weir_chan_make(int, 3 * WORKERS), out = weir_chan_make(int, 3 * WORKERS);
  weir_wg workers = {0};
  for (int i = 0; i < WORKERS; i++)
    weir_wg_go(&workers, pass_on, i, in, out);
  weir_go(feed, n, in, out, &workers);
  long got = 0, sum = 0, want = 0;
  for (int v; weir_recv(out, &v); got++)
    sum += v;
  for (int i = 0; i < n; i++)
    want += weights[i % WEIGHTS];
  CHECK_EQ(got, n);
  CHECK_EQ(sum, want);
  weir_chan_free(in), weir_chan_free(out);
}

int main(int argc, char **argv) {
  length = argc > 1 ? atoi(argv[1]) : 100;
  daisy_chain();
  started_by_each_other();
  in_line(0);
  in_line(10);
  forms_meet(false);
  forms_meet(true);
  tries_meet(0);
  tries_meet(1);
  many_consumers(10 * length);
}
