// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#define _GNU_SOURCE
#include <pthread.h>
#include <weir/weir.h>

struct cache {
  weir_rwmutex table;
  pthread_rwlock_t old;
  int n;
};
static weir_rwmutex all;
static int total;

void when_empty(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  if (c->n == 0) {
    weir_rwmutex_lock(&c->table); // expect: read-lock-upgrade 'c->table' is locked for writing by the function that holds it for reading
    c->n = 1;
    weir_rwmutex_unlock(&c->table);
  }
  weir_rwmutex_runlock(&c->table);
}

static void refill(struct cache *c) {
  weir_rwmutex_lock(&c->table);
  c->n = 10;
  weir_rwmutex_unlock(&c->table);
}
int through_a_call(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  if (!c->n)
    refill(c); // expect: read-lock-upgrade 'c->table' is locked for writing by the function called here
  int n = c->n;
  weir_rwmutex_runlock(&c->table);
  return n;
}

void of_a_variable(void) {
  weir_rwmutex_rlock(&all);
  weir_rwmutex_lock(&all); // expect: read-lock-upgrade 'all' is locked for writing
  total++;
  weir_rwmutex_unlock(&all);
  weir_rwmutex_runlock(&all);
}

void under_another_name(struct cache *c) {
  weir_rwmutex *mu = &c->table;
  weir_rwmutex_rlock(mu);
  weir_rwmutex_lock(&c->table); // expect: read-lock-upgrade 'c->table' is locked for writing
  c->n++;
  weir_rwmutex_unlock(&c->table);
}

void of_pthreads(struct cache *c) {
  pthread_rwlock_rdlock(&c->old);
  if (c->n == 0) {
    pthread_rwlock_wrlock(&c->old); // expect: read-lock-upgrade 'c->old' is locked for writing
    c->n = 1;
  }
  pthread_rwlock_unlock(&c->old);
}

void in_the_loop(struct cache *c, int n) {
  weir_rwmutex_rlock(&c->table);
  for (int i = 0; i < n; i++) {
    total += c->n;
    if (i == c->n) {
      weir_rwmutex_lock(&c->table); // expect: read-lock-upgrade 'c->table' is locked for writing
      c->n = 0;
      weir_rwmutex_unlock(&c->table);
    }
  }
  weir_rwmutex_runlock(&c->table);
}
