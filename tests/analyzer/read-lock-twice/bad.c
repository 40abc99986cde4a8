// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// options: --advice
#define _GNU_SOURCE
#include <pthread.h>
#include <weir/weir.h>

struct table {
  weir_rwmutex lock;
  pthread_rwlock_t old;
  int n;
};
static weir_rwmutex all, in_loop;
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
  weir_rwmutex_lock(&in_loop);
  n++;
  weir_rwmutex_unlock(&in_loop);
}

int at_once(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  weir_rwmutex_rlock(&t->lock); // expect: read-lock-twice 't->lock' is locked for reading a second time; a writer that comes in between
  int got = t->n;
  weir_rwmutex_runlock(&t->lock);
  weir_rwmutex_runlock(&t->lock);
  return got;
}

static int size(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  int got = t->n;
  weir_rwmutex_runlock(&t->lock);
  return got;
}
static int twice_the_size(struct table *of) {
  return 2 * size(of);
}
int through_calls(struct table *t) {
  weir_rwmutex_rlock(&t->lock);
  int got = twice_the_size(t); // expect: read-lock-twice 't->lock' is locked for reading again by the function called here
  weir_rwmutex_runlock(&t->lock);
  return got;
}

static int get(void) {
  weir_rwmutex_rlock(&all);
  int got = n;
  weir_rwmutex_runlock(&all);
  return got;
}
int of_a_variable(void) {
  weir_rwmutex_rlock(&all);
  int got = n ? get() : 0; // expect: read-lock-twice 'all' is locked for reading again
  weir_rwmutex_runlock(&all);
  return got;
}

int under_another_name(struct table *t) {
  weir_rwmutex *mu = &t->lock;
  weir_rwmutex_rlock(mu);
  int got = size(t); // expect: read-lock-twice 't->lock' is locked for reading again
  weir_rwmutex_runlock(mu);
  return got;
}

int in_the_loop(int turns) {
  int got = 0;
  weir_rwmutex_rlock(&in_loop);
  for (int i = 0; i < turns; i++) {
    weir_rwmutex_rlock(&in_loop); // expect: read-lock-twice 'in_loop' is locked for reading a second time
    got += n;
    weir_rwmutex_runlock(&in_loop);
  }
  weir_rwmutex_runlock(&in_loop);
  return got;
}

int of_pthreads(struct table *t) {
  pthread_rwlock_rdlock(&t->old);
  pthread_rwlock_rdlock(&t->old); // expect: read-lock-twice 't->old' is locked for reading a second time
  int got = t->n;
  pthread_rwlock_unlock(&t->old);
  pthread_rwlock_unlock(&t->old);
  return got;
}
