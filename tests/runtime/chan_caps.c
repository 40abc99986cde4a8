// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 40 || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i 12 || exit 1; done
//
// The same rules for every capacity from 0 up: what blocks and what does not, order, what a close
// leaves in the buffer and whom it wakes, and that several senders and receivers lose nothing.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static atomic_int received, sent;
static void recv_one(weir_chan(int) c, weir_wg *wg) {
  weir_recv(c, NULL);
  atomic_fetch_add(&received, 1);
  weir_wg_done(wg);
}
static void send_one(weir_chan(int) c, weir_wg *wg) {
  weir_send(c, 99);
  atomic_fetch_add(&sent, 1);
  weir_wg_done(wg);
}

static void empty_blocks(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  atomic_store(&received, 0);
  weir_wg_add(&wg, 2);
  weir_go(recv_one, c, &wg);
  weir_go(recv_one, c, &wg);
  let_others_park();
  CHECK_EQ(atomic_load(&received), 0);
  CHECK(!weir_try_recv(c, NULL, NULL));
  weir_send(c, 0);
  weir_send(c, 0);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}
static void full_blocks(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  atomic_store(&sent, 0);
  CHECK(weir_chan_len(c) == 0 && weir_chan_cap(c) == (size_t)cap);
  for (int i = 0; i < cap; i++)
    weir_send(c, i);
  CHECK(weir_chan_len(c) == (size_t)cap && weir_chan_cap(c) == (size_t)cap);
  weir_wg_add(&wg, 1);
  weir_go(send_one, c, &wg);
  let_others_park();
  CHECK_EQ(atomic_load(&sent), 0);
  CHECK(!weir_try_send(c, 0));
  int v = -1;
  weir_recv(c, &v);
  CHECK_EQ(v, cap ? 0 : 99);
  weir_wg_wait(&wg); // it had its turn
  CHECK(weir_chan_len(c) == (size_t)cap);
  weir_chan_free(c);
}
static void close_leaves_the_rest(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  int v;
  for (int i = 0; i < cap; i++)
    weir_send(c, i + 1);
  weir_close(c);
  for (int i = 0; i < cap; i++)
    CHECK(weir_recv(c, &v) && v == i + 1);
  for (int i = 0; i < 3; i++) {
    v = 5;
    CHECK(!weir_recv(c, &v) && v == 0);
  }
  weir_chan_free(c);
}
static void expect_close(weir_chan(int) c, int form, weir_wg *wg) {
  int v = 5;
  bool ok = true;
  if (form == 0) ok = weir_recv(c, &v);
  if (form == 1) weir_select(weir_on_recv(c, &v, &ok));
  if (form == 2)
    weir_select(weir_on_recv((weir_chan(int))NULL, &v, NULL), weir_on_recv(c, &v, &ok));
  CHECK(!ok && v == 0);
  weir_wg_done(wg);
}
static void close_wakes_all(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  weir_wg_add(&wg, 9);
  for (int i = 0; i < 9; i++)
    weir_go(expect_close, c, i % 3, &wg);
  let_others_park();
  weir_close(c);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

static void send_range(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++)
    weir_send(c, i);
}
static void in_order(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  int v;
  weir_go(send_range, c, 200);
  for (int i = 0; i < 200; i++)
    CHECK(weir_recv(c, &v) && v == i);
  weir_chan_free(c);
}
enum { SIDES = 4, EACH = 500 };
static void recv_counting(weir_chan(int) c, atomic_int *seen) {
  for (int i = 0, v; i < EACH; i++) {
    weir_recv(c, &v);
    atomic_fetch_add_explicit(&seen[v], 1, memory_order_relaxed);
  }
}
static void several(int cap) {
  atomic_int seen[EACH] = {0};
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  for (int i = 0; i < SIDES; i++) {
    weir_wg_go(&wg, send_range, c, EACH);
    weir_wg_go(&wg, recv_counting, c, seen);
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < EACH; i++)
    CHECK_EQ(atomic_load(&seen[i]), SIDES);
  weir_chan_free(c);
}

// Two cases on one channel with different values: both are taken, about as often.
static void recv_bits(weir_chan(int) c, int *hits, int n) {
  for (int i = 0, v; i < n; i++) {
    weir_yield();
    weir_recv(c, &v);
    hits[v]++;
  }
}
static void either_value(int cap) {
  enum { N = 1000 };
  int hits[2] = {0};
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  weir_wg_go(&wg, recv_bits, c, hits, N);
  for (int i = 0; i < N; i++)
    weir_select(weir_on_send(c, 1), weir_on_send(c, 0));
  weir_wg_wait(&wg);
  CHECK(hits[0] > N / 10 && hits[1] > N / 10);
  weir_chan_free(c);
}

// A select in a loop of two goroutines, one of which waits mostly: still uniform.
static void choose(weir_chan(char) a, weir_chan(char) b, weir_chan(char) out, weir_chan(char) done,
                   weir_wg *wg) {
  weir_chan(char) never = weir_chan_make(char, 0);
  char v = 0;
  do {
    weir_select(weir_on_recv(never, &v, NULL), weir_on_recv((weir_chan(char))NULL, &v, NULL),
                weir_on_recv(a, &v, NULL), weir_on_recv(b, &v, NULL));
  } while (weir_select(weir_on_send(out, v), weir_on_recv(done, NULL, NULL)) == 0);
  weir_chan_free(never);
  weir_wg_done(wg);
}
static void fair_in_the_long_run(void) { // 10 standard deviations of 10,000 throws
  enum { N = 10000 };
  weir_chan(char) a = weir_chan_make(char, N + 1), b = weir_chan_make(char, N + 1);
  weir_chan(char) out = weir_chan_make(char, 0), done = weir_chan_make(char, 0);
  weir_wg wg = {0};
  int hits[2] = {0};
  for (int i = 0; i <= N; i++) {
    weir_send(a, 0);
    weir_send(b, 1);
  }
  weir_wg_add(&wg, 1);
  weir_go(choose, a, b, out, done, &wg);
  for (int i = 0; i < N; i++) {
    char v;
    weir_recv(out, &v);
    hits[(int)v]++;
  }
  CHECK(abs(hits[0] - N / 2) < 10 * 50);
  weir_close(done);
  weir_wg_wait(&wg);
  weir_chan_free(a), weir_chan_free(b), weir_chan_free(out), weir_chan_free(done);
}

int main(int argc, char **argv) {
  int most = argc > 1 ? atoi(argv[1]) : 4;
  for (int cap = 0; cap < most; cap++) {
    empty_blocks(cap);
    full_blocks(cap);
    close_leaves_the_rest(cap);
    close_wakes_all(cap);
    in_order(cap);
    several(cap);
  }
  either_value(0);
  either_value(100);
  fair_in_the_long_run();
}
