// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 20000 || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i 2000 || exit 1; done
//
// Selects that meet each other: a case that is ready all the time is found whatever happens to the
// others, one element goes to one case, a goroutine that sends and receives on one channel never
// meets itself, and a channel named twice leaves no waiter behind.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static int rounds;

// --- something is ready all the time
static void try_one(weir_chan(int) c, weir_wg *wg) {
  CHECK_EQ(weir_select(weir_on_recv(c, NULL, NULL), weir_on_default()), 0);
  weir_wg_done(wg);
}
static void element_or_close(void) { // the close comes before the element goes
  for (int i = 0; i < rounds / 10; i++) {
    weir_chan(int) c = weir_chan_make(int, 1);
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_send(c, 1);
    weir_go(try_one, c, &wg);
    weir_close(c);
    weir_recv(c, NULL);
    weir_wg_wait(&wg);
    weir_chan_free(c);
  }
}
static void try_either(weir_chan(int) a, weir_chan(int) b, weir_chan(bool) done) {
  int which =
      weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(b, NULL, NULL), weir_on_default());
  weir_send(done, which != WEIR_DEFAULT);
}
static void one_of_two(bool closes) { // b becomes ready before a ceases to be
  weir_chan(bool) done = weir_chan_make(bool, 1);
  for (int i = 0; i < rounds; i++) {
    weir_chan(int) a = weir_chan_make(int, 1), b = weir_chan_make(int, closes ? 0 : 1);
    bool found = false;
    weir_send(a, 1);
    weir_go(try_either, a, b, done);
    if (closes)
      weir_close(b);
    else
      weir_send(b, 1);
    weir_try_recv(a, NULL, NULL);
    weir_recv(done, &found);
    CHECK(found);
    weir_chan_free(a);
    weir_chan_free(b);
  }
  weir_chan_free(done);
}

// --- both directions in one select
static void send_or_recv(weir_chan(int) c, int me, int n) {
  for (int i = 0; i < n; i++) {
    int v = -1, which;
    if (me == 0 || i % 2 == 0)
      which = weir_select(weir_on_send(c, me), weir_on_recv(c, &v, NULL));
    else
      which = 1 - weir_select(weir_on_recv(c, &v, NULL), weir_on_send(c, me));
    if (which == 1 && weir_chan_cap(c) == 0) CHECK_EQ(v, 1 - me); // never its own
  }
}
static void never_itself(int cap) {
  weir_chan(int) c = weir_chan_make(int, cap);
  weir_wg wg = {0};
  weir_wg_go(&wg, send_or_recv, c, 0, rounds);
  weir_wg_go(&wg, send_or_recv, c, 1, rounds);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

// --- one value, one case: a sender whose four cases are all wanted
static void offer(weir_chan(int) * c, int n) {
  for (int i = 0; i < n; i++)
    weir_select(weir_on_send(c[0], i), weir_on_send(c[1], i), weir_on_send(c[2], i),
                weir_on_send(c[3], i));
  for (int i = 0; i < 4; i++)
    weir_close(c[i]);
}
static void pass_on(weir_chan(int) in, weir_chan(int) out) {
  int v;
  while (weir_recv(in, &v))
    weir_send(out, v);
}
static void close_after(weir_wg *wg, weir_chan(int) c) {
  weir_wg_wait(wg);
  weir_close(c);
}
static void no_duplicates(void) {
  weir_chan(int) c[4], out = weir_chan_make(int, 0);
  weir_wg wg = {0};
  char *seen = calloc(1, (size_t)rounds);
  for (int i = 0; i < 4; i++) {
    c[i] = weir_chan_make(int, 0);
    weir_wg_go(&wg, pass_on, c[i], out);
  }
  weir_go(offer, c, rounds);
  weir_go(close_after, &wg, out);
  int v, n = 0;
  for (; weir_recv(out, &v); n++)
    CHECK(!seen[v]++);
  CHECK_EQ(n, rounds);
  for (int i = 0; i < 4; i++)
    weir_chan_free(c[i]);
  weir_chan_free(out);
  free(seen);
}

// --- single operations and selects over the same four channels, in numbers that add up
static void send_n(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++)
    weir_send(c, i);
}
static void recv_n(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++)
    weir_recv(c, NULL);
}
static void select_n_each(weir_chan(int) * shared, int n, bool sends) {
  weir_chan(int) c[4] = {shared[0], shared[1], shared[2], shared[3]};
  int done[4] = {0};
  for (int i = 0; i < 4 * n; i++) {
    int which = sends ? 3 - weir_select(weir_on_send(c[3], i), weir_on_send(c[2], i),
                                        weir_on_send(c[1], i), weir_on_send(c[0], i))
                      : weir_select(weir_on_recv(c[0], NULL, NULL), weir_on_recv(c[1], NULL, NULL),
                                    weir_on_recv(c[2], NULL, NULL), weir_on_recv(c[3], NULL, NULL));
    if (++done[which] == n) c[which] = NULL;
  }
}
static void adds_up(void) {
  weir_chan(int) c[4];
  weir_wg wg = {0};
  for (int i = 0; i < 4; i++) {
    c[i] = weir_chan_make(int, i < 2 ? 0 : i);
    weir_wg_go(&wg, send_n, c[i], rounds);
    weir_wg_go(&wg, recv_n, c[i], rounds);
  }
  weir_wg_go(&wg, select_n_each, c, rounds, true);
  weir_wg_go(&wg, select_n_each, c, rounds, false);
  weir_wg_wait(&wg);
  for (int i = 0; i < 4; i++) {
    CHECK_EQ(weir_chan_len(c[i]), 0);
    weir_chan_free(c[i]);
  }
}

// --- a waiter that another case served is gone from all its queues
static atomic_int waits;
static void twice(weir_chan(int) c, weir_chan(int) d, weir_chan(int) e) {
  atomic_fetch_add(&waits, 1);
  CHECK_EQ(weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(c, NULL, NULL),
                       weir_on_recv(d, NULL, NULL)),
           2);
  weir_send(e, 9);
}
static void plain_recv(weir_chan(int) c, weir_wg *wg) {
  int v;
  atomic_fetch_add(&waits, 1);
  CHECK(weir_recv(c, &v) && v == 8);
  weir_wg_done(wg);
}
static void same_channel_queued_twice(void) {
  for (int i = 0; i < 200; i++) {
    weir_chan(int) c = weir_chan_make(int, 0), d = weir_chan_make(int, 0),
                   e = weir_chan_make(int, 0);
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    atomic_store(&waits, 0);
    weir_go(twice, c, d, e);
    while (atomic_load(&waits) < 1)
      weir_yield();
    let_others_park();
    weir_go(plain_recv, c, &wg);
    while (atomic_load(&waits) < 2)
      weir_yield();
    let_others_park();
    weir_send(d, 7);
    weir_recv(e, NULL);
    weir_send(c, 8); // to the plain receiver: the select is gone
    weir_wg_wait(&wg);
    weir_chan_free(c), weir_chan_free(d), weir_chan_free(e);
  }
}
static void prefer_second(weir_chan(int) a, weir_chan(int) b, weir_chan(int) c, weir_wg *wg) {
  CHECK_EQ(weir_select(weir_on_recv(a, NULL, NULL), weir_on_recv(b, NULL, NULL)), 1);
  weir_send(c, 1);
  weir_recv(a, NULL);
  weir_wg_done(wg);
}
static void recv_and_done(weir_chan(int) a, weir_wg *wg) {
  weir_recv(a, NULL);
  weir_wg_done(wg);
}
static void left_the_middle_of_a_queue(void) { // others wait before and after it
  for (int i = 0; i < 200; i++) {
    weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0),
                   c = weir_chan_make(int, 0);
    weir_wg wg = {0};
    weir_wg_add(&wg, 3);
    weir_go(recv_and_done, a, &wg);
    weir_go(prefer_second, a, b, c, &wg);
    weir_go(recv_and_done, a, &wg);
    let_others_park();
    weir_send(b, 1);
    weir_recv(c, NULL);
    for (int k = 0; k < 3; k++)
      weir_send(a, 1);
    weir_wg_wait(&wg);
    weir_chan_free(a), weir_chan_free(b), weir_chan_free(c);
  }
}

int main(int argc, char **argv) {
  rounds = argc > 1 ? atoi(argv[1]) : 1000;
  element_or_close();
  one_of_two(false);
  one_of_two(true);
  never_itself(0);
  never_itself(10);
  no_duplicates();
  adds_up();
  same_channel_queued_twice();
  left_the_middle_of_a_queue();
}
