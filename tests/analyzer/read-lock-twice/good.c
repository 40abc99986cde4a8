// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#define _GNU_SOURCE
#include <pthread.h>
#include <weir/weir.h>

struct table {
  weir_rwmutex lock;
  pthread_rwlock_t old;
  struct table *next;
  int n;
};
static weir_rwmutex never_written, all;
static int n;

void change(struct table *t) {
  weir_rwmutex_lock(&t->lock);
  t->n++;
  weir_rwmutex_unlock(&t->lock);
  weir_rwmutex_lock(&all);
  n++;
  weir_rwmutex_unlock(&all);
  pthread_rwlock_wrlock(&t->old);
  t->n++;
  pthread_rwlock_unlock(&t->old);
}

// Nobody writes.
static int get(void) {
  weir_rwmutex_rlock(&never_written);
  int got = n;
  weir_rwmutex_runlock(&never_written);
  return got;
}
int nobody_writes(void) {
  weir_rwmutex_rlock(&never_written);
  int got = get();
  weir_rwmutex_runlock(&never_written);
  return got;
}

// Two objects of one type.
int of_two(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  struct table *next = t->next;
  weir_rwmutex_rlock(&next->lock);
  int got = t->n + next->n;
  weir_rwmutex_runlock(&next->lock);
  weir_rwmutex_runlock(&t->lock);
  return got;
}
static int size(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  int got = t->n;
  weir_rwmutex_runlock(&t->lock);
  return got;
}
int calls_for_the_next(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  int got = size(t->next);
  weir_rwmutex_runlock(&t->lock);
  return got;
}

// One after the other.
int again(struct table *t) {
  int got = size(t);
  weir_rwmutex_rlock(&t->lock);
  got += t->n;
  weir_rwmutex_runlock(&t->lock);
  return got + size(t);
}

// It lets go of it before it takes it again.
static void gives_way(void) {
  weir_rwmutex_runlock(&all);
  weir_yield();
  weir_rwmutex_rlock(&all);
}
int lets_writers_in(void) {
  weir_rwmutex_rlock(&all);
  gives_way();
  int got = n;
  weir_rwmutex_runlock(&all);
  return got;
}

// A try does not wait.
int tries(void) {
  weir_rwmutex_rlock(&all);
  int got = n;
  if (weir_rwmutex_tryrlock(&all)) {
    got++;
    weir_rwmutex_runlock(&all);
  }
  weir_rwmutex_runlock(&all);
  return got;
}

// The argument says whether it is locked.
static int size_if(struct table *t, int locked) {
  if (!locked) weir_rwmutex_rlock(&t->lock);
  int got = t->n;
  if (!locked) weir_rwmutex_runlock(&t->lock);
  return got;
}
int with_the_lock(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  int got = size_if(t, 1);
  weir_rwmutex_runlock(&t->lock);
  return got;
}

// Held on one way here, and on that it is not taken.
int on_either_way(struct table *t, int first) {
  int got = 0;
  if (first) weir_rwmutex_rlock(&t->lock);
  if (!first) got = size(t);
  if (first) weir_rwmutex_runlock(&t->lock);
  return got;
}

// pthread's let readers through unless asked otherwise: advice.
int of_pthreads(struct table *t) {
  pthread_rwlock_rdlock(&t->old);
  pthread_rwlock_rdlock(&t->old);
  int got = t->n;
  pthread_rwlock_unlock(&t->old);
  pthread_rwlock_unlock(&t->old);
  return got;
}

// Another goroutine reads.
static void reads(void) {
  weir_rwmutex_rlock(&all);
  n += 0;
  weir_rwmutex_runlock(&all);
}
void starts_one(void) {
  weir_rwmutex_rlock(&all);
  weir_go(reads);
  weir_rwmutex_runlock(&all);
}
