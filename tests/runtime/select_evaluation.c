// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t && %t
// RUN: %weircc %s -o %t.i && %t.i
//
// What a select evaluates and what it leaves alone: every channel and value once, in the order of
// the cases, also those of cases that are not taken; destinations of other cases are not written.
// One ready case is found wherever the default, nil channels and idle ones stand beside it,
// in all their combinations.
#include "check.h"

static int steps[16], nsteps;
static int step(int at) {
  steps[nsteps++] = at;
  return at;
}
static weir_chan(int) channel(weir_chan(int) c, int at) {
  step(at);
  return c;
}
static int value(int v, int at) {
  step(at);
  return v;
}
static int *place(int *p, int at) {
  step(at);
  return p;
}
static void expect_steps(int n) {
  CHECK_EQ(nsteps, n);
  for (int i = 0; i < n; i++)
    CHECK_EQ(steps[i], i + 1);
  nsteps = 0;
}

static void in_order(void) {
  weir_chan(int) c = weir_chan_make(int, 1), idle = weir_chan_make(int, 0), nil = NULL;
  int v = 0, other = 5;
  weir_send(channel(c, 1), value(41, 2));
  expect_steps(2);
  CHECK_EQ(weir_select(weir_on_recv(channel(idle, 1), place(&other, 2), NULL),
                       weir_on_recv(channel(c, 3), place(&v, 4), NULL),
                       weir_on_send(channel(idle, 5), value(1, 6)),
                       weir_on_send(channel(nil, 7), value(1, 8)),
                       weir_on_recv(channel(nil, 9), place(&other, 10), NULL)),
           1);
  expect_steps(10);
  CHECK(v == 41 && other == 5);
  CHECK_EQ(weir_select(weir_on_send(channel(idle, 1), value(1, 2)),
                       weir_on_recv(channel(c, 3), place(&other, 4), NULL), weir_on_default()),
           WEIR_DEFAULT);
  expect_steps(4); // also when nothing is ready
  CHECK_EQ(other, 5);
  weir_chan_free(c);
  weir_chan_free(idle);
}

// A value is evaluated anew in each round, whether its case is taken or not.
static unsigned evaluations;
static unsigned next_bit(void) {
  return 1u << evaluations++;
}
static int send_until_full(weir_chan(unsigned) a, weir_chan(unsigned) b) {
  for (int sent = 0;; sent++) {
    int which =
        weir_select(weir_on_send(a, next_bit()), weir_on_send(b, next_bit()), weir_on_default());
    if (which == WEIR_DEFAULT) return sent;
    if (which == 0)
      a = NULL;
    else
      b = NULL;
  }
}
static void each_round(void) {
  weir_chan(unsigned) a = weir_chan_make(unsigned, 1), b = weir_chan_make(unsigned, 1);
  unsigned from_a, from_b;
  CHECK_EQ(send_until_full(a, b), 2);
  CHECK_EQ(evaluations, 6);
  weir_recv(a, &from_a);
  weir_recv(b, &from_b);
  // round one: bits 0 and 1 were made; round two: 2 and 3
  CHECK((from_a == 1 && from_b == 8) || (from_b == 2 && from_a == 4));
  CHECK_EQ(send_until_full(a, NULL), 1);
  CHECK_EQ(evaluations, 10);
  weir_chan_free(a);
  weir_chan_free(b);
}

// --- all combinations
enum { DEFAULT_FIRST = 1, DEFAULT_LAST = 2, SEND_IDLE = 4, RECV_IDLE = 8, SEND_NIL = 16 };
enum { RECV_NIL = 32, COMBINATIONS = 64 };
static weir_chan(int) ready, idle, nil;

// The cases that `set` names, with `taken` (NULL: none) in their middle. Returns its index.
static int build(struct weir_case *cases, int *n, int set, const struct weir_case *taken) {
  static int junk;
  int at = WEIR_DEFAULT;
  *n = 0;
  if (set & DEFAULT_FIRST) cases[(*n)++] = weir_on_default();
  if (set & SEND_IDLE) cases[(*n)++] = weir_on_send(idle, 1);
  if (set & RECV_NIL) cases[(*n)++] = weir_on_recv(nil, NULL, NULL);
  if (taken) cases[at = (*n)++] = *taken;
  if (set & RECV_IDLE) cases[(*n)++] = weir_on_recv(idle, &junk, NULL);
  if (set & SEND_NIL) cases[(*n)++] = weir_on_send(nil, 1);
  if (set & DEFAULT_LAST) cases[(*n)++] = weir_on_default();
  return at;
}

static void combinations(void) {
  struct weir_case cases[8];
  int n, v, sent = 1;
  ready = weir_chan_make(int, 1);
  idle = weir_chan_make(int, 0);
  for (int set = 0; set < COMBINATIONS; set++) {
    if ((set & DEFAULT_FIRST) && (set & DEFAULT_LAST)) continue;
    bool ok = false;
    struct weir_case send = weir_on_send(ready, sent), recv = weir_on_recv(ready, &v, &ok);
    int at = build(cases, &n, set, &send);
    CHECK_EQ(weir_select_n(cases, (size_t)n), at);
    CHECK_EQ(weir_chan_len(ready), 1);
    at = build(cases, &n, set, &recv);
    v = 0;
    CHECK_EQ(weir_select_n(cases, (size_t)n), at);
    CHECK(ok && v == sent);
    sent++;
    if (!(set & (DEFAULT_FIRST | DEFAULT_LAST))) continue;
    build(cases, &n, set, &recv); // nothing ready
    CHECK_EQ(weir_select_n(cases, (size_t)n), WEIR_DEFAULT);
    CHECK(v == sent - 1);
  }
  weir_chan_free(ready);
  weir_chan_free(idle);
}

// Channels are values: sent through channels, and used in the expression they come from.
static weir_chan(int) taken_from(weir_chan(weir_chan(int)) cc) {
  weir_chan(int) c = NULL;
  CHECK(weir_recv(cc, &c));
  return c;
}
static void channels_of_channels(void) {
  weir_chan(weir_chan(int)) cc = weir_chan_make(weir_chan(int), 1);
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_chan(bool) flag = weir_chan_make(bool, 1);
  int v = 0;
  bool yes = false;
  weir_send(cc, c);
  CHECK_EQ(weir_select(weir_on_send(taken_from(cc), 2), weir_on_default()), 0);
  CHECK(weir_recv(c, &v) && v == 2);
  weir_send(flag, v == 1 || v == 2); // the whole expression
  CHECK(weir_recv(flag, &yes) && yes);
  weir_chan_free(cc);
  weir_chan_free(c);
  weir_chan_free(flag);
}

int main(void) {
  in_order();
  each_round();
  combinations();
  channels_of_channels();
}
