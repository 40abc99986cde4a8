// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n:lock_order=1 %t 2>&1 | count 0 || exit 1; done
// RUN: %weircc %s -o %t.i
// RUN: for n in 1 2; do WEIR_OPTIONS=procs=$n:lock_order=1 %t.i 2>&1 | count 0 || exit 1; done
//
// Programs that take locks in more than one order and cannot deadlock: nothing is reported.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

static weir_mutex a, b;

static void both(weir_mutex *first, weir_mutex *second) {
  weir_guard(first);
  weir_guard(second);
  weir_yield();
}

// --- who dines -----------------------------------------------------------------------------------
enum { SEATS = 5, MEALS = 20 };
static weir_mutex forks[SEATS], waiter;
static weir_sem chairs;
static weir_chan(char) tickets;

static void eat(int seat) {
  both(&forks[seat], &forks[(seat + 1) % SEATS]);
}
static void dine_with_waiter(int seat) {
  weir_guard(&waiter);
  eat(seat);
}
static void dine_on_chairs(int seat) { // one less than would be needed for a circle
  weir_sem_acquire(&chairs, NULL, 1);
  eat(seat);
  weir_sem_release(&chairs, 1);
}
static void dine_with_tickets(int seat) {
  weir_send(tickets, 0);
  eat(seat);
  weir_recv(tickets, NULL);
}
static void dine_lowest_first(int seat) {
  int next = (seat + 1) % SEATS;
  both(&forks[seat < next ? seat : next], &forks[seat < next ? next : seat]);
}
static void dine_with_tries(int seat) {
  for (;;) {
    weir_guard(&forks[seat]);
    if (weir_mutex_trylock(&forks[(seat + 1) % SEATS])) {
      weir_mutex_unlock(&forks[(seat + 1) % SEATS]);
      return;
    }
  }
}
static void dine(void (*eats)(int), int seat) {
  for (int i = 0; i < MEALS; i++)
    eats(seat);
}
static void philosophers(void (*eats)(int)) {
  weir_wg wg = {0};
  for (int i = 0; i < SEATS; i++)
    weir_wg_go(&wg, dine, eats, i);
  weir_wg_wait(&wg);
}

// --- hand over hand
// --------------------------------------------------------------------------------
struct node {
  weir_mutex mu;
  struct node *next;
  int key;
};
static struct node head = {.key = -1};

// The last node below key, and the one after it, both locked.
static struct node *find(int key, struct node **next) {
  struct node *at = &head;
  weir_mutex_lock(&at->mu);
  while ((*next = at->next)) {
    weir_mutex_lock(&(*next)->mu);
    if ((*next)->key >= key) break;
    weir_mutex_unlock(&at->mu);
    at = *next;
  }
  return at;
}
static void leave(struct node *at, struct node *next) {
  if (next) weir_mutex_unlock(&next->mu);
  weir_mutex_unlock(&at->mu);
}
static void add(int key) {
  struct node *next, *at = find(key, &next);
  if (!next || next->key != key) {
    struct node *n = calloc(1, sizeof *n); // often where one with another key was
    n->key = key;
    n->next = next;
    at->next = n;
  }
  leave(at, next);
}
static void take_out(int key) {
  struct node *next, *at = find(key, &next);
  if (next && next->key == key) {
    at->next = next->next;
    leave(at, next);
    free(next);
    return;
  }
  leave(at, next);
}
static void change_list(int seed) {
  unsigned r = (unsigned)seed * 7919u + 1;
  for (int i = 0; i < 200; i++) {
    r = r * 1103515245u + 12345u;
    int key = (int)(r >> 16) % 24;
    if (r >> 8 & 1)
      add(key);
    else
      take_out(key);
  }
}

// --- trees, addresses
// --------------------------------------------------------------------------------
static weir_mutex tree[31];

static void descend(int seed) { // from the root down, two at a time
  for (int round = 0; round < 40; round++) {
    int at = 0;
    weir_mutex_lock(&tree[at]);
    for (unsigned way = (unsigned)(seed + round * 7); 2 * at + 2 < 31; way >>= 1) {
      int child = 2 * at + 1 + (int)(way & 1);
      weir_mutex_lock(&tree[child]);
      weir_mutex_unlock(&tree[at]);
      at = child;
    }
    weir_mutex_unlock(&tree[at]);
  }
}
static void transfer(int seed) {
  for (int i = 0; i < 60; i++) {
    int x = (seed * 13 + i * 7) % 31, y = (seed * 5 + i * 11) % 31;
    if (x != y) both(&tree[x < y ? x : y], &tree[x < y ? y : x]);
  }
}

// --- the same memory, another lock
// ---------------------------------------------------------------------
struct pair {
  weir_mutex first, second;
};
static atomic_int turn;

// Two goroutines take turns; each makes a pair where the other's was, and has its own order.
static void reuse(bool backwards) {
  for (int i = 0; i < 20; i++) {
    while (atomic_load(&turn) % 2 != backwards)
      weir_yield();
    struct pair *p = calloc(1, sizeof *p);
    both(backwards ? &p->second : &p->first, backwards ? &p->first : &p->second);
    free(p);
    atomic_fetch_add(&turn, 1);
  }
}
static void on_stack(bool backwards) {
  for (int i = 0; i < 20; i++) {
    weir_mutex pair[2] = {{0}, {0}};
    both(&pair[backwards], &pair[!backwards]);
  }
}

// --- locks that go from hand to hand
// ---------------------------------------------------------------------
static weir_mutex lent, kept;

static void finishes(weir_chan(char) locked) { // what `begins` has locked
  weir_recv(locked, NULL);
  weir_mutex_lock(&kept);
  weir_mutex_unlock(&lent);
  weir_mutex_unlock(&kept);
}
static void begins(weir_chan(char) locked) {
  weir_mutex_lock(&lent);
  weir_send(locked, 0);
}
static void handed(void) {
  weir_chan(char) locked = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, finishes, locked);
  weir_wg_go(&wg, begins, locked);
  weir_wg_wait(&wg);
  weir_wg_go(&wg, both, &kept, &lent);
  weir_wg_wait(&wg);
  weir_chan_free(locked);
}

// --- phases
// ------------------------------------------------------------------------------------------------
static void forwards(void) {
  both(&a, &b);
}
static void backwards(void) {
  both(&b, &a);
}
static void phases(void) {
  for (int i = 0; i < 10; i++) {
    weir_wg wg = {0};
    for (int g = 0; g < 4; g++)
      weir_wg_go(&wg, forwards);
    weir_wg_wait(&wg);
    for (int g = 0; g < 4; g++)
      weir_wg_go(&wg, forwards);
    weir_wg_wait(&wg);
    backwards();
  }
}
static void alone(void) { // one goroutine may do as it likes
  weir_mutex x = {0}, y = {0};
  both(&x, &y);
  both(&y, &x);
}

// A baton: who has it may take the locks in any order.
static void with_baton(weir_chan(int) baton, bool back) {
  for (int i = 0; i < 20; i++) {
    int n;
    weir_recv(baton, &n);
    if (back)
      backwards();
    else
      forwards();
    weir_send(baton, n + 1);
  }
}
static void baton(void) {
  weir_chan(int) c = weir_chan_make(int, 1);
  weir_wg wg = {0};
  weir_wg_go(&wg, with_baton, c, false);
  weir_wg_go(&wg, with_baton, c, true);
  weir_send(c, 0);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

// --- readers
// -------------------------------------------------------------------------------------------------
static weir_rwmutex r, s;

static void read_both(bool back) {
  for (int i = 0; i < 20; i++) {
    weir_rguard(back ? &s : &r);
    weir_rguard(back ? &r : &s);
    weir_yield();
  }
}

// --- with and without threads
// ---------------------------------------------------------------------------------
static void on_helper(void) {
  weir_blocking(both, &b, &a);
}

// --- channels and wait groups
// --------------------------------------------------------------------------
static weir_mutex state;
static int n_queued, n_seen;

// All of the results have room: nobody ever waits to send one.
static void send_result(weir_chan(int) results, int n) {
  weir_guard(&state);
  weir_send(results, n);
}
static void room_for_all(void) {
  weir_chan(int) results = weir_chan_make(int, 8);
  for (int i = 0; i < 8; i++)
    weir_go(send_result, results, i);
  for (int i = 0; i < 8; i++) {
    weir_recv(results, NULL);
    weir_guard(&state);
    n_seen++;
  }
  weir_chan_free(results);
}
// A pool of tokens, filled before anybody comes, and used with and without the lock.
static void use_token(weir_chan(int) pool) {
  for (int i = 0; i < 20; i++) {
    int token;
    weir_mutex_lock(&state);
    weir_recv(pool, &token);
    weir_mutex_unlock(&state);
    weir_yield();
    weir_send(pool, token);
  }
}
static void tokens_ready(void) {
  weir_chan(int) pool = weir_chan_make(int, 4);
  weir_wg wg = {0};
  weir_mutex_lock(&state);
  n_queued = 4;
  weir_mutex_unlock(&state);
  for (int i = 0; i < 4; i++)
    weir_send(pool, i);
  for (int i = 0; i < 4; i++)
    weir_wg_go(&wg, use_token, pool);
  weir_wg_wait(&wg);
  weir_chan_free(pool);
}
// What the sender does with the lock comes before whoever receives has started.
static void receive_locked(weir_chan(int) c) {
  weir_guard(&state);
  weir_recv(c, NULL);
}
static void started_after(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_mutex_lock(&state);
  weir_mutex_unlock(&state);
  weir_wg_go(&wg, receive_locked, c);
  weir_send(c, 1);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}
// One sender needs the lock, the other one does not, and a close needs nothing either.
static void send_after_lock(weir_chan(int) c) {
  weir_mutex_lock(&state);
  weir_mutex_unlock(&state);
  weir_send(c, 1);
}
static void send_without(weir_chan(int) c) {
  weir_send(c, 1);
  weir_send(c, 2);
}
static void two_senders(void) {
  weir_chan(int) c = weir_chan_make(int, 4);
  weir_wg wg = {0};
  weir_wg_go(&wg, send_without, c);
  weir_wg_wait(&wg);
  weir_wg_go(&wg, send_after_lock, c);
  for (int i = 0; i < 2; i++)
    weir_wg_go(&wg, receive_locked, c);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}
// The workers take the lock, but main waits without it; a second round of the same wait group.
static void count_one(void) {
  weir_guard(&state);
  n_seen++;
}
static void wait_without(void) {
  static weir_wg wg;
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++)
      weir_wg_go(&wg, count_one);
    weir_wg_wait(&wg);
    weir_guard(&state);
    n_seen = 0;
    weir_wg_wait(&wg); // nobody to wait for
  }
}
// Two ways to the same goroutine: asks with the lock, which the answer does not need.
static void answer(weir_chan(int) asked, weir_chan(int) answers) {
  int v;
  while (weir_recv(asked, &v))
    weir_send(answers, v + 1);
}
static void ask(weir_chan(int) asked, weir_chan(int) answers) {
  for (int i = 0; i < 20; i++) {
    weir_guard(&state);
    weir_send(asked, i);
    weir_recv(answers, NULL);
  }
}
static void asks_with_lock(void) {
  weir_chan(int) asked = weir_chan_make(int, 0), answers = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_go(answer, asked, answers);
  for (int i = 0; i < 3; i++)
    weir_wg_go(&wg, ask, asked, answers);
  weir_wg_wait(&wg);
  weir_close(asked);
}
// One collects with the lock between two events, another one without it.
static void collect(weir_chan(int) events, bool counts) {
  while (weir_recv(events, NULL)) {
    if (!counts) continue;
    weir_guard(&state);
    n_seen++;
  }
}
static void two_collectors(void) {
  weir_chan(int) events = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, collect, events, false);
  weir_send(events, 0);
  weir_wg_go(&wg, collect, events, true);
  for (int i = 0; i < 20; i++) {
    weir_guard(&state);
    weir_send(events, i);
  }
  weir_close(events);
  weir_wg_wait(&wg);
  weir_chan_free(events);
}
// One alone collects; who sends with the lock in hand has heard that it is past the lock, or there
// is room for what is sent.
static void collect_and_tell(weir_chan(int) events, weir_chan(int) past) {
  for (int i = 0; i < 3; i++) {
    weir_recv(events, NULL);
    weir_mutex_lock(&state);
    n_seen++;
    weir_mutex_unlock(&state);
    weir_send(past, i);
  }
}
static void past_the_lock(int room) {
  weir_chan(int) events = weir_chan_make(int, room), past = weir_chan_make(int, 3);
  weir_wg wg = {0};
  weir_wg_go(&wg, collect_and_tell, events, past);
  weir_send(events, 0);
  for (int i = 1; i < 3; i++) {
    if (!room) weir_recv(past, NULL);
    weir_guard(&state);
    weir_send(events, i);
  }
  weir_wg_wait(&wg);
  weir_chan_free(events);
  weir_chan_free(past);
}
// Who only tries for the lock between two events does not wait for it.
static void collect_and_try(weir_chan(int) events, bool first) {
  if (first) weir_recv(events, NULL);
  for (int i = 0; i < 3; i++) {
    if (weir_mutex_trylock(&state)) weir_mutex_unlock(&state);
    weir_recv(events, NULL);
    if (weir_mutex_trylock(&state)) {
      weir_try_recv(events, NULL, NULL);
      weir_mutex_unlock(&state);
    }
  }
}
static void tried_between(bool first) {
  weir_chan(int) events = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, collect_and_try, events, first);
  if (first) weir_send(events, 0);
  for (int i = 0; i < 3; i++) {
    weir_guard(&state);
    weir_send(events, i);
  }
  weir_wg_wait(&wg);
  weir_chan_free(events);
}

static void run_all(void (*fn)(int), int n) {
  weir_wg wg = {0};
  for (int i = 0; i < n; i++)
    weir_wg_go(&wg, fn, i);
  weir_wg_wait(&wg);
}

int main(void) {
  weir_sem_init(&chairs, SEATS - 1);
  tickets = weir_chan_make(char, SEATS - 1);
  philosophers(dine_with_waiter);
  for (int i = 0; i < SEATS; i++) // as if new, for those that follow
    forks[i] = (weir_mutex){0};
  philosophers(dine_on_chairs);
  for (int i = 0; i < SEATS; i++)
    forks[i] = (weir_mutex){0};
  philosophers(dine_with_tickets);
  philosophers(dine_lowest_first);
  philosophers(dine_with_tries);
  run_all(change_list, 4);
  run_all(descend, 4);
  run_all(transfer, 4);
  weir_wg wg = {0};
  weir_wg_go(&wg, reuse, false);
  weir_wg_go(&wg, reuse, true);
  weir_wg_go(&wg, on_stack, false);
  weir_wg_go(&wg, on_stack, true);
  weir_wg_go(&wg, read_both, false);
  weir_wg_go(&wg, read_both, true);
  weir_wg_go(&wg, alone);
  weir_wg_wait(&wg);
  handed();
  phases();
  baton();
  on_helper();
  forwards();
  on_helper();
  room_for_all();
  tokens_ready();
  started_after();
  two_senders();
  wait_without();
  asks_with_lock();
  two_collectors();
  past_the_lock(0);
  past_the_lock(3);
  tried_between(false);
  tried_between(true);
}
