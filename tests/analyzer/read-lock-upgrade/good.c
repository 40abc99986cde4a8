// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#define _GNU_SOURCE
#include <pthread.h>
#include <weir/weir.h>

struct cache {
  weir_rwmutex table;
  struct cache *next;
  int n;
};
static weir_rwmutex all, others;
static int total;

// It stops reading first.
void one_after_the_other(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  int empty = !c->n;
  weir_rwmutex_runlock(&c->table);
  if (!empty) return;
  weir_rwmutex_lock(&c->table);
  if (!c->n) c->n = 1;
  weir_rwmutex_unlock(&c->table);
}

static void refill(struct cache *c) {
  weir_rwmutex_runlock(&c->table);
  weir_rwmutex_lock(&c->table);
  c->n = 1;
  weir_rwmutex_unlock(&c->table);
  weir_rwmutex_rlock(&c->table);
}
int the_called_function_stops(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  if (!c->n) refill(c);
  int n = c->n;
  weir_rwmutex_runlock(&c->table);
  return n;
}

// Two locks, and two objects of one type.
void of_two_locks(void) {
  weir_rwmutex_rlock(&all);
  weir_rwmutex_lock(&others);
  total++;
  weir_rwmutex_unlock(&others);
  weir_rwmutex_runlock(&all);
}
void of_the_next(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  struct cache *next = c->next;
  weir_rwmutex_lock(&next->table);
  next->n += c->n;
  weir_rwmutex_unlock(&next->table);
  weir_rwmutex_runlock(&c->table);
}

// A try does not wait.
void tries(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  if (weir_rwmutex_trylock(&c->table)) {
    c->n++;
    weir_rwmutex_unlock(&c->table);
  }
  weir_rwmutex_runlock(&c->table);
}

// Reads or writes, never both.
void either(struct cache *c, int writes) {
  if (writes)
    weir_rwmutex_lock(&c->table);
  else
    weir_rwmutex_rlock(&c->table);
  total += c->n;
  if (writes)
    weir_rwmutex_unlock(&c->table);
  else
    weir_rwmutex_runlock(&c->table);
}

// Another goroutine writes.
static void writes(void) {
  weir_rwmutex_lock(&all);
  total++;
  weir_rwmutex_unlock(&all);
}
void starts_one(void) {
  weir_rwmutex_rlock(&all);
  weir_go(writes);
  weir_rwmutex_runlock(&all);
}

// Reads again after it has written.
void reads_what_it_wrote(struct cache *c) {
  weir_rwmutex_lock(&c->table);
  c->n++;
  weir_rwmutex_unlock(&c->table);
  weir_rwmutex_rlock(&c->table);
  total += c->n;
  weir_rwmutex_runlock(&c->table);
}

// The argument says that it reads.
static void count(struct cache *c, int locked) {
  if (!locked) weir_rwmutex_lock(&c->table);
  total += c->n;
  if (!locked) weir_rwmutex_unlock(&c->table);
}
void calls_with_the_lock(struct cache *c) {
  weir_rwmutex_rlock(&c->table);
  count(c, 1);
  weir_rwmutex_runlock(&c->table);
}
