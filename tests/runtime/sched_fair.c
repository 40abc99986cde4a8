// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc -O1 %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
// RUN: WEIR_OPTIONS=procs=1024 %t few
//
// Who can run does run: beside goroutines that wake each other without end, that yield in a loop,
// or that are many; timers go off meanwhile; as many goroutines run at the same time as there are
// workers, although none gives way; and the count of goroutines is what a dump shows.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

// --- a goroutine that only looks and yields, and one that wants to be heard
static void poll(weir_chan(int) c, weir_chan(int) ack) {
  while (!weir_try_recv(c, NULL, NULL))
    weir_yield();
  weir_send(ack, 1);
}
static void heard_by_one_that_polls(void) {
  weir_chan(int) c = weir_chan_make(int, 0), ack = weir_chan_make(int, 0);
  for (int i = 0; i < 100; i++) {
    weir_go(poll, c, ack);
    if (i % 2) let_others_park();
    weir_send(c, 1);
    weir_recv(ack, NULL);
  }
  weir_chan_free(c), weir_chan_free(ack);
}

// --- a timer beside goroutines of which one is always ready
static void offer_until(weir_chan(int) c, weir_chan(char) done, weir_wg *wg) {
  while (weir_select(weir_on_send(c, 1), weir_on_recv(done, NULL, NULL)) == 0) {
  }
  weir_wg_done(wg);
}
static void timer_for_the_receiver(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_chan(char) done = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  for (int i = 0; i < 2; i++)
    weir_go(offer_until, c, done, &wg);
  weir_chan(int64_t) timer = weir_after(WEIR_MS(5));
  while (weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(timer, NULL, NULL)) == 0) {
  }
  weir_close(done);
  weir_wg_wait(&wg);
  weir_chan_free(c), weir_chan_free(done);
}
static void either_way_until(weir_chan(int) c, weir_wg *wg) {
  weir_chan(int64_t) timer = weir_after(WEIR_MS(5));
  while (weir_select(weir_on_send(c, 1), weir_on_recv(c, NULL, NULL),
                     weir_on_recv(timer, NULL, NULL)) != 2) {
  }
  weir_wg_done(wg);
}
static void timer_for_each(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  for (int i = 0; i < 2; i++)
    weir_go(either_way_until, c, &wg);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}
static void send_until(weir_chan(int) c, atomic_bool *stop) {
  while (!atomic_load(stop))
    weir_send(c, 1);
  weir_close(c);
}
static void drain(weir_chan(int) c) {
  while (weir_recv(c, NULL)) {
  }
}
static void stop_later(atomic_bool *stop) {
  weir_sleep(WEIR_US(1));
  atomic_store(stop, true);
}
static void timer_for_a_third(void) { // sender and receiver wake each other by a buffer of one
  weir_chan(int) c = weir_chan_make(int, 1);
  atomic_bool stop = false;
  weir_wg wg = {0};
  weir_wg_go(&wg, send_until, c, &stop);
  weir_wg_go(&wg, drain, c);
  weir_wg_go(&wg, stop_later, &stop);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

// --- two pairs that wake each other: each gets its share of turns
static void ping_pong(weir_chan(int) c, weir_chan(char) quit, atomic_long *turns, weir_wg *wg) {
  while (weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(quit, NULL, NULL)) == 0) {
    atomic_fetch_add_explicit(turns, 1, memory_order_relaxed);
    weir_select(weir_on_send(c, 1), weir_on_recv(quit, NULL, NULL));
  }
  weir_wg_done(wg);
}
static bool played(atomic_long *turns) {
  return atomic_load_explicit(turns, memory_order_relaxed) >= 1000;
}
static void two_pairs(void) {
  atomic_long turns[2] = {0};
  weir_chan(int) c[2];
  weir_chan(char) quit = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 4);
  for (int i = 0; i < 2; i++) {
    c[i] = weir_chan_make(int, 0);
    weir_go(ping_pong, c[i], quit, &turns[i], &wg);
    weir_go(ping_pong, c[i], quit, &turns[i], &wg);
    weir_send(c[i], 1);
  }
  while (!played(&turns[0]) || !played(&turns[1])) // a starved one never gets there
    weir_yield();
  weir_close(quit);
  weir_wg_wait(&wg);
  weir_chan_free(c[0]), weir_chan_free(c[1]), weir_chan_free(quit);
}

// --- more than a worker's queue holds, all yielding: nobody falls far behind. The bound holds for
// one worker, whose order of turns is always the same
enum { TURNS_AMONG = 1000, TURNS_EACH = 200 };
static void take_turns(long *mine, atomic_long *left, weir_wg *wg) {
  while (atomic_fetch_sub_explicit(left, 1, memory_order_relaxed) > 0) {
    ++*mine;
    weir_yield();
  }
  weir_wg_done(wg);
}
static void even_turns(void) {
  static long turns[TURNS_AMONG];
  if (weir_set_procs(0) > 1) return;
  atomic_long left = (long)TURNS_AMONG * TURNS_EACH;
  weir_wg wg = {0};
  weir_wg_add(&wg, TURNS_AMONG);
  for (int i = 0; i < TURNS_AMONG; i++)
    weir_go(take_turns, &turns[i], &left, &wg);
  weir_wg_wait(&wg);
  for (int i = 0; i < TURNS_AMONG; i++)
    CHECK(turns[i] >= TURNS_EACH / 4 && turns[i] <= 4 * TURNS_EACH);
}

// --- all at the same time: a token that goes round, and nobody gives way
static void spin_for_token(atomic_int *token, int me, int n, weir_wg *wg) {
  for (int round = 0; round < 3; round++) {
    while (atomic_load(token) != round * n + me) {
    }
    atomic_store(token, round * n + me + 1);
  }
  weir_wg_done(wg);
}
static void start_two(atomic_int *token, int first, int n, weir_wg *wg) {
  weir_go(spin_for_token, token, first, n, wg);
  weir_go(spin_for_token, token, first + 1, n, wg);
}
static void all_at_once(bool nested) {
  int n = weir_set_procs(0);
  if (n > 4 || (nested && n % 2)) return;
  for (int i = 0; i < 3; i++) {
    atomic_int token = 0;
    weir_wg wg = {0};
    weir_wg_add(&wg, n);
    for (int k = 0; k < n; k += nested ? 2 : 1) {
      if (nested)
        weir_go(start_two, &token, k, n, &wg);
      else
        weir_go(spin_for_token, &token, k, n, &wg);
    }
    weir_wg_wait(&wg);
    CHECK_EQ(atomic_load(&token), 3 * n);
  }
}

// --- a queue without end beside thousands of timers
static void nap(weir_wg *wg) {
  weir_sleep(WEIR_US(10));
  weir_wg_done(wg);
}
static void queue(weir_chan(int) in, weir_chan(int) out) {
  int items[64], n = 0, v;
  bool ok = true;
  while (ok) {
    int which =
        weir_select(weir_on_send(n ? out : NULL, items[n ? n - 1 : 0]), weir_on_recv(in, &v, &ok));
    if (which == 0)
      n--;
    else if (ok)
      items[n++] = v;
  }
  weir_close(out);
}
static void queue_beside_timers(void) {
  enum { NAPS = 5000, TRIES = 20 };
  weir_wg wg = {0};
  weir_chan(int) in = weir_chan_make(int, 0), out = weir_chan_make(int, 0);
  weir_wg_add(&wg, NAPS);
  for (int i = 0; i < NAPS; i++)
    weir_go(nap, &wg);
  weir_go(queue, in, out);
  for (int i = 0; i < 200; i++) {
    for (int k = 0; k < TRIES; k++)
      weir_send(in, k);
    for (int k = 0; k < TRIES; k++)
      CHECK_EQ(weir_select(weir_on_recv(out, NULL, NULL),
                           weir_on_recv(weir_after(WEIR_S(30)), NULL, NULL)),
               0);
  }
  weir_close(in);
  CHECK(!weir_recv(out, NULL));
  weir_wg_wait(&wg);
  weir_chan_free(in), weir_chan_free(out);
}

// --- counted
static void wait_here(weir_chan(char) gate) {
  weir_recv(gate, NULL);
}
static int count_in_dump(void) {
  static char text[1 << 16];
  FILE *f = tmpfile();
  CHECK(f != NULL);
  weir_dump(fileno(f));
  rewind(f);
  text[fread(text, 1, sizeof text - 1, f)] = 0;
  fclose(f);
  const char *count = strstr(text, "\n\n"); // "N goroutines, of K kinds." is a paragraph
  return count ? atoi(count + 2) : 0;
}
static void counts(void) {
  weir_chan(char) gate = weir_chan_make(char, 0);
  weir_wg wg = {0};
  CHECK_EQ(weir_goid(), 1);
  while (weir_num_goroutine() > 1) // those that are ending
    weir_yield();
  CHECK_EQ(count_in_dump(), 1);
  for (int i = 1; i <= 20; i++) {
    weir_wg_go(&wg, wait_here, gate);
    CHECK_EQ(weir_num_goroutine(), i + 1);
  }
  CHECK_EQ(count_in_dump(), 21);
  weir_close(gate);
  weir_wg_wait(&wg);
  weir_chan_free(gate);
}

int main(int argc, char **argv) {
  (void)argv;
  heard_by_one_that_polls();
  timer_for_the_receiver();
  timer_for_each();
  timer_for_a_third();
  if (argc > 1) return 0;
  two_pairs();
  even_turns();
  all_at_once(false);
  all_at_once(true);
  queue_beside_timers();
  counts();
}
