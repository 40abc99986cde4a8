// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

struct bank {
  weir_mutex lock;
  int total;
};
struct account {
  weir_mutex lock;
  struct bank *at;
  int balance;
};
static weir_mutex a, b, one, two, three, outer, inner, tried, other;
static weir_rwmutex table;
static pthread_mutex_t left, right;
static int n;

// Two functions that anybody may call.
void deposit(struct account *to, int by) {
  weir_mutex_lock(&to->lock);
  weir_mutex_lock(&to->at->lock); // expect: lock-order-cycle 'bank.lock' is locked while 'account.lock' is held; audit does it the other way round
  to->at->total += by;
  weir_mutex_unlock(&to->at->lock);
  weir_mutex_unlock(&to->lock);
}
void audit(struct bank *of, struct account *all, int count) {
  weir_mutex_lock(&of->lock);
  for (int i = 0; i < count; i++) {
    struct account *each = &all[i];
    weir_mutex_lock(&each->lock);
    of->total += each->balance;
    weir_mutex_unlock(&each->lock);
  }
  weir_mutex_unlock(&of->lock);
}

// Through calls, on both sides.
static void count_b(void) {
  weir_mutex_lock(&b);
  n++;
  weir_mutex_unlock(&b);
}
static void through(void) {
  count_b();
}
void with_a(void) {
  weir_mutex_lock(&a);
  through(); // expect: lock-order-cycle 'b' is locked by the call of through while 'a' is held; with_b does it
  weir_mutex_unlock(&a);
}
static int read_a(void) {
  weir_guard(&a);
  return n;
}
int with_b(void) {
  weir_mutex_lock(&b);
  int all = read_a();
  weir_mutex_unlock(&b);
  return all;
}

// Three in a circle.
void first(void) {
  weir_mutex_lock(&one);
  weir_mutex_lock(&two); // expect: lock-order-cycle 'two' is locked while 'one' is held; second holds the first while it waits
  weir_mutex_unlock(&two);
  weir_mutex_unlock(&one);
}
void second(void) {
  weir_mutex_lock(&two);
  weir_mutex_lock(&three);
  weir_mutex_unlock(&three);
  weir_mutex_unlock(&two);
}
void third(void) {
  weir_mutex_lock(&three);
  weir_mutex_lock(&one);
  weir_mutex_unlock(&one);
  weir_mutex_unlock(&three);
}

// A writer and a reader wait for each other as well.
void looks_up(void) {
  weir_rwmutex_rlock(&table);
  weir_mutex_lock(&outer); // expect: lock-order-cycle 'outer' is locked while 'table' is held
  n++;
  weir_mutex_unlock(&outer);
  weir_rwmutex_runlock(&table);
}
void replaces(void) {
  weir_mutex_lock(&outer);
  weir_rwmutex_lock(&table);
  n = 0;
  weir_rwmutex_unlock(&table);
  weir_mutex_unlock(&outer);
}

// What was got by a try is held like any other; the lock that is passed on is the caller's.
static void with(weir_mutex *mu) {
  weir_mutex_lock(mu);
  n++;
  weir_mutex_unlock(mu);
}
void tries(void) {
  if (!weir_mutex_trylock(&tried)) return;
  with(&other); // expect: lock-order-cycle 'other' is locked by the call of with while 'tried' is held
  weir_mutex_unlock(&tried);
}
void waits(void) {
  weir_mutex_lock(&other);
  weir_mutex_lock(&tried);
  weir_mutex_unlock(&tried);
  weir_mutex_unlock(&other);
}

// Of pthreads, and only on one way.
void to_the_right(int also) {
  pthread_mutex_lock(&left);
  if (also) {
    pthread_mutex_lock(&right); // expect: lock-order-cycle 'right' is locked while 'left' is held
    n++;
    pthread_mutex_unlock(&right);
  }
  pthread_mutex_unlock(&left);
}
void to_the_left(void) {
  pthread_mutex_lock(&right);
  pthread_mutex_lock(&left);
  n++;
  pthread_mutex_unlock(&left);
  pthread_mutex_unlock(&right);
}
