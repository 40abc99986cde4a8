// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Select: default, nil cases, the same channel twice, sends and receives together, a closed
// channel, more cases than fit the stack, and that the losing cases leave no trace.
#include "check.h"

static void send_to(weir_chan(int) c, int v) {
  weir_send(c, v);
}

static void with_default(void) {
  weir_chan(int) c = weir_chan_make(int, 1), nil = NULL;
  int v = 5;
  bool ok = true;
  CHECK_EQ(weir_select(weir_on_default()), WEIR_DEFAULT);
  CHECK_EQ(weir_select(weir_on_recv(c, &v, &ok), weir_on_default()), WEIR_DEFAULT);
  CHECK_EQ(v, 5);
  CHECK_EQ(weir_select(weir_on_default(), weir_on_send(c, 9)), 1);
  CHECK_EQ(weir_select(weir_on_send(c, 9), weir_on_send(nil, 1), weir_on_default()), WEIR_DEFAULT);
  CHECK_EQ(weir_select(weir_on_recv(nil, &v, &ok), weir_on_recv(c, &v, &ok), weir_on_default()), 1);
  CHECK_EQ(v, 9);
  CHECK(ok);
  weir_close(c);
  CHECK_EQ(weir_select(weir_on_recv(c, &v, &ok)), 0);
  CHECK(!ok);
  CHECK_EQ(v, 0);
  weir_chan_free(c);
}

static void waits_and_wakes(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0), nil = NULL;
  int v;
  bool ok;
  for (int i = 0; i < 1000; i++) {
    weir_go(send_to, i % 2 ? a : b, i);
    int which = weir_select(weir_on_recv(nil, &v, &ok), weir_on_recv(a, &v, &ok),
                            weir_on_recv(b, &v, NULL));
    CHECK_EQ(which, i % 2 ? 1 : 2);
    CHECK_EQ(v, i);
  }
  CHECK(!weir_try_send(a, 1)); // no waiter was left behind
  CHECK(!weir_try_send(b, 1));
  weir_chan_free(a);
  weir_chan_free(b);
}

static void close_it(weir_chan(int) c) {
  weir_close(c);
}

static void woken_by_close(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 3);
  int v = 4;
  bool ok = true;
  weir_go(close_it, b);
  CHECK_EQ(weir_select(weir_on_recv(a, &v, &ok), weir_on_recv(b, &v, &ok)), 1);
  CHECK(!ok);
  CHECK_EQ(v, 0);
  weir_chan_free(a);
  weir_chan_free(b);
}

static void same_channel_twice(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  int hits[3] = {0}, x = 0, y = 0;
  for (int i = 1; i <= 2000; i++) {
    weir_go(send_to, c, i);
    int which = weir_select(weir_on_recv(c, &x, NULL), weir_on_recv(c, &y, NULL));
    hits[which]++;
    CHECK_EQ(which ? y : x, i);
  }
  CHECK(hits[0] > 700 && hits[1] > 700); // 13 standard deviations
  weir_chan_free(c);
}

// A select that both sends to and receives from one channel meets others, never itself.
static void both_ways(weir_chan(int) c, weir_chan(int) done, int n) {
  for (int i = 0; i < n; i++) {
    int v;
    weir_select(weir_on_send(c, 1), weir_on_recv(c, &v, NULL));
  }
  weir_send(done, 1);
}
static void mirrored(void) {
  weir_chan(int) c = weir_chan_make(int, 0), done = weir_chan_make(int, 2);
  weir_go(both_ways, c, done, 5000);
  weir_go(both_ways, c, done, 5000);
  weir_recv(done, NULL);
  weir_recv(done, NULL);
  weir_chan_free(c);
  weir_chan_free(done);
}

static void many_cases(void) {
  enum { N = 200 };
  weir_chan(int) c[N];
  struct weir_case cases[N];
  int v = 0;
  for (int i = 0; i < N; i++) {
    c[i] = weir_chan_make(int, 0);
    cases[i] = weir_on_recv(c[i], &v, NULL);
  }
  for (int i = 0; i < N; i++) {
    weir_go(send_to, c[i], i + 1000);
    CHECK_EQ(weir_select_n(cases, N), i);
    CHECK_EQ(v, i + 1000);
  }
  for (int i = 0; i < N; i++)
    weir_chan_free(c[i]);
}

int main(void) {
  with_default();
  waits_and_wakes();
  woken_by_close();
  same_channel_twice();
  mirrored();
  many_cases();
}
