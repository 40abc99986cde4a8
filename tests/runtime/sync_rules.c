// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n:predict=0 %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n:predict=0 %t.i || exit 1; done
//
// Locks, wait groups and condition variables as parties of small protocols: nobody is woken too
// early, too late, twice, or in another's place; a mutex that is held most of the time is still
// got; readers that come in two by two and a writer take turns. predict=0: a wait group is used
// again too early on purpose.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

// --- mutex
static weir_mutex mu;
static weir_cond cond;

static void sleep_in_lock(atomic_bool *stop) {
  while (!atomic_load(stop)) {
    weir_mutex_lock(&mu);
    weir_sleep(WEIR_US(100));
    weir_mutex_unlock(&mu);
  }
}
static void held_most_of_the_time(void) {
  atomic_bool stop = false;
  weir_wg wg = {0};
  weir_wg_go(&wg, sleep_in_lock, &stop);
  for (int i = 0; i < 10; i++) {
    weir_sleep(WEIR_US(100));
    weir_mutex_lock(&mu); // hangs if the other always takes it back
    weir_mutex_unlock(&mu);
  }
  atomic_store(&stop, true);
  weir_wg_wait(&wg);
}
// Who has lost for a while is handed the mutex by the unlock itself, before the other has taken it
// back many more times.
static void hold_and_count(atomic_int *holds, atomic_bool *stop) {
  while (!atomic_load(stop)) {
    weir_mutex_lock(&mu);
    atomic_fetch_add(holds, 1);
    weir_sleep(WEIR_MS(2));
    weir_mutex_unlock(&mu);
  }
}
static void handed_over(void) {
  if (weir_set_procs(0) != 1)
    return; // one worker: a waiter that is woken runs during the next hold
  atomic_bool stop = false;
  atomic_int holds = 0;
  weir_wg wg = {0};
  weir_wg_go(&wg, hold_and_count, &holds, &stop);
  for (int i = 0; i < 5; i++) {
    weir_sleep(WEIR_MS(1));
    int before = atomic_load(&holds);
    weir_mutex_lock(&mu);
    CHECK(atomic_load(&holds) - before < 8);
    weir_mutex_unlock(&mu);
  }
  atomic_store(&stop, true);
  weir_wg_wait(&wg);
}
static long shared; // guarded by mu
static void lock_every_way(int n) {
  for (int i = 0; i < n; i++) {
    if (i % 3 == 0) {
      if (weir_mutex_trylock(&mu)) weir_mutex_unlock(&mu);
      continue;
    }
    weir_guard(&mu);
    shared++;
  }
}
static void hammer_mutex(void) {
  weir_wg wg = {0};
  shared = 0;
  for (int i = 0; i < 10; i++)
    weir_wg_go(&wg, lock_every_way, 3000);
  weir_wg_wait(&wg);
  CHECK_EQ(shared, 20000);
}

// --- rwmutex
static weir_rwmutex rw;
static void read_until(weir_chan(int) in, weir_chan(int) go_on, weir_wg *wg) {
  weir_rwmutex_rlock(&rw);
  weir_send(in, 1);
  weir_recv(go_on, NULL);
  weir_rwmutex_runlock(&rw);
  weir_wg_done(wg);
}
static void parallel_readers(int n) {
  weir_chan(int) in = weir_chan_make(int, 0), go_on = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, n);
  for (int i = 0; i < n; i++)
    weir_go(read_until, in, go_on, &wg);
  for (int i = 0; i < n; i++)
    weir_recv(in, NULL); // all are inside
  CHECK(!weir_rwmutex_trylock(&rw));
  for (int i = 0; i < n; i++)
    weir_send(go_on, 1);
  weir_wg_wait(&wg);
  CHECK(weir_rwmutex_trylock(&rw));
  weir_rwmutex_unlock(&rw);
  weir_chan_free(in), weir_chan_free(go_on);
}
static void read_twice(weir_chan(int) reads) {
  weir_rwmutex_rlock(&rw);
  weir_rwmutex_rlock(&rw);
  weir_send(reads, 1);
}
static void write_once(weir_chan(int) writes) {
  weir_rwmutex_lock(&rw);
  weir_send(writes, 1);
}
static void take_turns(void) { // another goroutine unlocks
  enum { N = 10 };
  weir_chan(int) reads = weir_chan_make(int, 1), writes = weir_chan_make(int, 1);
  weir_go(read_twice, reads);
  for (int i = 0; i < N; i++) {
    weir_recv(reads, NULL);
    weir_go(write_once, writes);
    weir_rwmutex_runlock(&rw);
    let_others_park();
    CHECK(!weir_try_recv(writes, NULL, NULL)); // one reader keeps the writer out
    weir_rwmutex_runlock(&rw);
    weir_recv(writes, NULL);
    weir_go(read_twice, reads);
    let_others_park();
    CHECK(!weir_try_recv(reads, NULL, NULL)); // the writer keeps readers out
    weir_rwmutex_unlock(&rw);
  }
  weir_recv(reads, NULL);
  weir_rwmutex_runlock(&rw);
  weir_rwmutex_runlock(&rw);
  weir_chan_free(reads), weir_chan_free(writes);
}

// --- wait groups
static void meet(weir_wg *first, weir_wg *second, weir_chan(int) out) {
  weir_wg_done(first);
  weir_wg_wait(second);
  weir_send(out, 1);
}
static void two_barriers(void) {
  enum { N = 16 };
  weir_wg first = {0}, second = {0};
  for (int round = 0; round < 8; round++) { // both are used again
    weir_chan(int) out = weir_chan_make(int, N);
    weir_wg_add(&first, N);
    weir_wg_add(&second, N);
    for (int i = 0; i < N; i++)
      weir_go(meet, &first, &second, out);
    weir_wg_wait(&first);
    for (int i = 0; i < N; i++) {
      CHECK(!weir_try_recv(out, NULL, NULL)); // not before the last is done
      weir_wg_done(&second);
    }
    for (int i = 0; i < N; i++)
      weir_recv(out, NULL);
    weir_chan_free(out);
  }
}
static void add_one(atomic_int *n, weir_wg *wg) {
  atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
  weir_wg_done(wg);
}
static void never_early(void) {
  for (int i = 0; i < 2000; i++) {
    weir_wg *wg = calloc(1, sizeof *wg);
    atomic_int n = 0;
    for (int k = 0; k < 2; k++) {
      weir_wg_add(wg, 1);
      weir_go(add_one, &n, wg);
    }
    weir_wg_wait(wg);
    CHECK_EQ(atomic_load_explicit(&n, memory_order_relaxed), 2);
    free(wg);
  }
}
// Several wait while others already add for the next round: each wait belongs to its own.
static void wait_and_count(weir_wg *wg, atomic_int *n) {
  weir_wg_wait(wg);
  atomic_fetch_add(n, 1);
}
static void used_again_at_once(void) {
  weir_wg wg = {0}, waiters = {0};
  atomic_int n = 0;
  for (int round = 1; round <= 200; round++) {
    weir_wg_add(&wg, 1);
    for (int i = 0; i < 3; i++)
      weir_wg_go(&waiters, wait_and_count, &wg, &n);
    let_others_park();
    weir_wg_done(&wg);
    weir_wg_wait(&waiters);
    CHECK_EQ(atomic_load(&n), 3 * round);
  }
}

// The next round begins before those who waited for this one have come back: they do all the same.
static void used_again_before_they_return(void) {
  if (weir_set_procs(0) != 1) return; // only then it is known that they wait
  weir_wg wg = {0}, waiters = {0};
  atomic_int n = 0;
  weir_wg_add(&wg, 1);
  for (int i = 0; i < 3; i++)
    weir_wg_go(&waiters, wait_and_count, &wg, &n);
  let_others_park();
  weir_wg_done(&wg);
  weir_wg_add(&wg, 1);
  weir_wg_wait(&waiters);
  CHECK_EQ(atomic_load(&n), 3);
  weir_wg_done(&wg);
}
// It may lie anywhere its type may, here behind a single byte.
struct odd {
  char c;
  weir_wg wg;
};
static void done_in(struct odd *o) {
  o->c = 1;
  weir_wg_done(&o->wg);
}
static void inside_a_struct(void) {
  struct odd o = {0};
  weir_wg_add(&o.wg, 1);
  weir_go(done_in, &o);
  weir_wg_wait(&o.wg);
  CHECK_EQ(o.c, 1);
}

// --- condition variable
static void wait_once(weir_chan(int) ready, weir_chan(int) awake, int id) {
  weir_mutex_lock(&mu);
  weir_send(ready, id);
  weir_cond_wait(&cond, &mu);
  weir_send(awake, id);
  weir_mutex_unlock(&mu);
}
static void signal_locked(void) {
  weir_guard(&mu);
  weir_cond_signal(&cond);
}
static void generations(void) { // a new waiter is never woken by a signal from before it
  enum { N = 100 };
  weir_chan(int) ready = weir_chan_make(int, N), awake = weir_chan_make(int, N);
  int id = -1;
  for (int i = 0; i < N; i++) {
    weir_go(wait_once, ready, awake, i);
    if (i > 0) {
      weir_recv(awake, &id);
      CHECK_EQ(id, i - 1);
    }
    weir_recv(ready, NULL);
    signal_locked();
  }
  weir_recv(awake, &id);
  CHECK_EQ(id, N - 1);
  weir_chan_free(ready), weir_chan_free(awake);
}
static void one_each(void) {
  enum { N = 2 };
  weir_chan(int) ready = weir_chan_make(int, N), awake = weir_chan_make(int, N);
  for (int i = 0; i < N; i++)
    weir_go(wait_once, ready, awake, i);
  for (int i = 0; i < N; i++)
    weir_recv(ready, NULL);
  for (int i = 0; i < N; i++) {
    CHECK(!weir_try_recv(awake, NULL, NULL));
    signal_locked();
    weir_recv(awake, NULL);
    let_others_park();
    CHECK(!weir_try_recv(awake, NULL, NULL));
  }
  weir_cond_signal(&cond); // nobody
  weir_chan_free(ready), weir_chan_free(awake);
}
struct crowd {
  bool exit; // guarded by mu
  weir_chan(int) running, awake;
};
static void wait_again_and_again(struct crowd *c, int id) {
  weir_guard(&mu);
  while (!c->exit) {
    weir_send(c->running, id);
    weir_cond_wait(&cond, &mu);
    weir_send(c->awake, id);
  }
}
static void broadcast_rounds(void) {
  enum { N = 100 };
  struct crowd c = {false, weir_chan_make(int, N), weir_chan_make(int, N)};
  weir_wg wg = {0};
  for (int i = 0; i < N; i++)
    weir_wg_go(&wg, wait_again_and_again, &c, i);
  for (int round = 0; round < N; round++) {
    bool seen[N] = {false};
    for (int i = 0; i < N; i++)
      weir_recv(c.running, NULL);
    weir_mutex_lock(&mu); // so all wait
    c.exit = round == N - 1;
    CHECK(!weir_try_recv(c.awake, NULL, NULL));
    weir_cond_broadcast(&cond);
    weir_mutex_unlock(&mu);
    for (int i = 0; i < N; i++) {
      int id;
      weir_recv(c.awake, &id);
      CHECK(!seen[id]);
      seen[id] = true;
    }
  }
  weir_wg_wait(&wg);
  CHECK(!weir_try_recv(c.running, NULL, NULL));
  weir_cond_broadcast(&cond);
  weir_chan_free(c.running), weir_chan_free(c.awake);
}

static int stage; // guarded by mu: 1, 2, 3 by three parties
static void first_party(void) {
  weir_guard(&mu);
  stage = 1;
  weir_cond_wait(&cond, &mu);
  CHECK_EQ(stage, 2);
  stage = 3;
  weir_cond_signal(&cond);
}
static void wait_for_stage(int from) {
  weir_mutex_lock(&mu);
  while (stage < from) {
    weir_mutex_unlock(&mu);
    weir_yield();
    weir_mutex_lock(&mu);
  }
}
static void second_party(void) {
  wait_for_stage(1);
  stage = 2;
  weir_cond_signal(&cond);
  weir_mutex_unlock(&mu);
}
static void third_party(void) { // joins the queue behind the first, or comes after all
  wait_for_stage(2);
  if (stage == 2) {
    weir_cond_wait(&cond, &mu);
    CHECK_EQ(stage, 3);
  }
  weir_mutex_unlock(&mu);
}
static void three_parties(void) {
  for (int i = 0; i < 100; i++) {
    weir_wg wg = {0};
    stage = 0;
    weir_wg_go(&wg, first_party);
    weir_wg_go(&wg, second_party);
    weir_wg_go(&wg, third_party);
    weir_wg_wait(&wg);
  }
}

static void wait_and_tell(weir_chan(int) ch) {
  weir_mutex_lock(&mu);
  weir_send(ch, 1);
  weir_cond_wait(&cond, &mu);
  weir_mutex_unlock(&mu);
  weir_send(ch, 2);
}
static void wait_until_done(bool *done) {
  weir_guard(&mu);
  while (!*done)
    weir_cond_wait(&cond, &mu);
}
static void broadcast(void) {
  weir_cond_broadcast(&cond);
}
static void no_stolen_wake_up(void) { // one that comes at that moment does not take it away
  for (int i = 0; i < 500; i++) {
    weir_chan(int) ch = weir_chan_make(int, 0);
    weir_wg wg = {0};
    bool done = false;
    weir_go(wait_and_tell, ch);
    weir_recv(ch, NULL);
    weir_mutex_lock(&mu); // free again: it waits
    weir_mutex_unlock(&mu);
    weir_wg_go(&wg, broadcast);
    weir_wg_go(&wg, wait_until_done, &done);
    weir_recv(ch, NULL);
    weir_mutex_lock(&mu);
    done = true;
    weir_mutex_unlock(&mu);
    weir_cond_broadcast(&cond);
    weir_wg_wait(&wg);
    weir_chan_free(ch);
  }
}

int main(void) {
  held_most_of_the_time();
  handed_over();
  hammer_mutex();
  parallel_readers(1);
  parallel_readers(3);
  parallel_readers(40);
  take_turns();
  two_barriers();
  never_early();
  used_again_at_once();
  used_again_before_they_return();
  inside_a_struct();
  generations();
  one_each();
  broadcast_rounds();
  three_parties();
  no_stolen_wake_up();
}
