// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The condition variable: signal wakes the one that waits longest and only it, broadcast all;
// with a mutex and with either side of an rwmutex; a queue of many producers and consumers.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static weir_mutex mu;
static weir_rwmutex rw;
static weir_cond cond;

// --- one by one, in order
// -------------------------------------------------------------------------
static int waiting, order[8], woken; // guarded by mu

static void wait_in_line(int id) {
  weir_guard(&mu);
  waiting++;
  weir_cond_wait(&cond, &mu);
  order[woken++] = id;
}

static void until(int *what, int n) {
  for (;;) {
    weir_mutex_lock(&mu);
    bool reached = *what == n;
    weir_mutex_unlock(&mu);
    if (reached) return;
    weir_yield();
  }
}

static void line_up(weir_wg *wg, int n) {
  waiting = woken = 0;
  for (int i = 0; i < n; i++) {
    weir_wg_go(wg, wait_in_line, i);
    until(&waiting, i + 1);
  }
}

static void signals(void) {
  weir_wg wg = {0};
  line_up(&wg, 8);
  for (int i = 1; i <= 8; i++) {
    weir_cond_signal(&cond);
    until(&woken, i);
    for (int j = 0; j < 50; j++)
      weir_yield();
    until(&woken, i); // and no other
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < 8; i++)
    CHECK_EQ(order[i], i);
  weir_cond_signal(&cond); // nobody there, and not kept
  line_up(&wg, 1);
  for (int j = 0; j < 50; j++)
    weir_yield();
  until(&woken, 0);
  weir_cond_broadcast(&cond);
  weir_wg_wait(&wg);
}

static void broadcasts(void) {
  weir_wg wg = {0};
  for (int round = 0; round < 20; round++) {
    line_up(&wg, 8);
    weir_cond_broadcast(&cond);
    weir_wg_wait(&wg);
    CHECK_EQ(woken, 8);
  }
}

// --- rwmutex
// ----------------------------------------------------------------------------------------
static int version; // guarded by rw
static atomic_int ready, both_inside;

static void reader(int seen) {
  weir_rwmutex_rlock(&rw);
  atomic_fetch_add(&ready, 1);
  while (version == seen)
    weir_cond_rwait(&cond, &rw);
  atomic_fetch_add(&both_inside, 1);
  while (atomic_load(&both_inside) < 2) // they hold the read side together
    weir_yield();
  weir_rwmutex_runlock(&rw);
}
static void writer(int seen) {
  weir_rwmutex_lock(&rw);
  atomic_fetch_add(&ready, 1);
  while (version == seen)
    weir_cond_wait(&cond, &rw);
  CHECK(!weir_rwmutex_tryrlock(&rw));
  weir_rwmutex_unlock(&rw);
}
static void with_rwmutex(void (*waits)(int seen)) {
  weir_wg wg = {0};
  atomic_store(&ready, 0);
  int seen = version;
  weir_wg_go(&wg, waits, seen);
  weir_wg_go(&wg, waits, seen);
  while (atomic_load(&ready) < 2)
    weir_yield();
  weir_rwmutex_lock(&rw);
  version++;
  weir_cond_broadcast(&cond);
  weir_rwmutex_unlock(&rw);
  weir_wg_wait(&wg);
  CHECK(weir_rwmutex_trylock(&rw));
  weir_rwmutex_unlock(&rw);
}

// --- a queue
// ----------------------------------------------------------------------------------------
enum { ROOM = 3, ITEMS = 3000, EACH = 4 };
static weir_cond not_empty, not_full;
static int held, put_n, got_n; // guarded by mu

static void produce(void) {
  for (int i = 0; i < ITEMS; i++) {
    weir_guard(&mu);
    while (held == ROOM)
      weir_cond_wait(&not_full, &mu);
    held++, put_n++;
    weir_cond_signal(&not_empty);
  }
}
static void consume(void) {
  for (int i = 0; i < ITEMS; i++) {
    weir_mutex_lock(&mu);
    while (held == 0)
      weir_cond_wait(&not_empty, &mu);
    held--, got_n++;
    weir_mutex_unlock(&mu);
    weir_cond_signal(&not_full); // the lock need not be held
  }
}
static void queue(void) {
  weir_wg wg = {0};
  for (int i = 0; i < EACH; i++) {
    weir_wg_go(&wg, produce);
    weir_wg_go(&wg, consume);
  }
  weir_wg_wait(&wg);
  CHECK_EQ(held, 0);
  CHECK_EQ(got_n, EACH * ITEMS);
}

// Destroyed by the waiter as soon as it is awake.
struct shot {
  weir_mutex mu;
  weir_cond cond;
  bool fired;
};
static void fire(struct shot *s) {
  weir_mutex_lock(&s->mu);
  s->fired = true;
  weir_cond_broadcast(&s->cond);
  weir_mutex_unlock(&s->mu);
}
static void short_lived(void) {
  for (int i = 0; i < 2000; i++) {
    struct shot *s = calloc(1, sizeof *s);
    weir_go(fire, s);
    weir_mutex_lock(&s->mu);
    while (!s->fired)
      weir_cond_wait(&s->cond, &s->mu);
    weir_mutex_unlock(&s->mu);
    free(s);
  }
}

int main(void) {
  signals();
  broadcasts();
  with_rwmutex(reader);
  with_rwmutex(writer);
  queue();
  short_lived();
}
