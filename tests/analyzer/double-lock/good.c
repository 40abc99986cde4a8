// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  weir_rwmutex table;
  pthread_mutex_t old;
  int n, closed;
  struct pool *next;
};
static weir_mutex all, each[4];
int check(int);
void let_go(struct pool *p);

// Two objects of one type.
void of_two(struct pool *a, struct pool *b) {
  weir_mutex_lock(&a->lock);
  weir_mutex_lock(&b->lock);
  a->n += b->n;
  weir_mutex_unlock(&b->lock);
  weir_mutex_unlock(&a->lock);
}

// It is released before it is asked for again, here and in the function that is called.
static void reopen(struct pool *p) {
  weir_mutex_unlock(&p->lock);
  check(1);
  weir_mutex_lock(&p->lock);
}
void gives_way(struct pool *p) {
  weir_mutex_lock(&p->lock);
  reopen(p);
  p->n++;
  weir_mutex_unlock(&p->lock);
}
void again(struct pool *p) {
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
}

// What is called in between may do anything, but it was released before that.
static int tells(struct pool *p, void (*callback)(struct pool *)) {
  weir_mutex_unlock(&p->lock);
  callback(p);
  weir_mutex_lock(&p->lock);
  return p->n;
}
int asks(struct pool *p, void (*callback)(struct pool *)) {
  weir_mutex_lock(&p->lock);
  int n = tells(p, callback);
  weir_mutex_unlock(&p->lock);
  return n;
}

// The argument says that it is locked already.
static int size_of(struct pool *p, int locked) {
  if (!locked) weir_mutex_lock(&p->lock);
  int n = p->n;
  if (!locked) weir_mutex_unlock(&p->lock);
  return n;
}
int calls_with_the_lock(struct pool *p) {
  weir_mutex_lock(&p->lock);
  int n = size_of(p, 1);
  weir_mutex_unlock(&p->lock);
  return n;
}

// Readers may nest, as far as this check goes.
int reads_twice(struct pool *p) {
  weir_rwmutex_rlock(&p->table);
  weir_rwmutex_rlock(&p->table);
  int n = p->n;
  weir_rwmutex_runlock(&p->table);
  weir_rwmutex_runlock(&p->table);
  return n;
}

// Another way that has the lock has ended.
void on_either_way(struct pool *p) {
  if (p->closed) {
    weir_mutex_lock(&p->lock);
    p->n = 0;
  } else {
    weir_mutex_lock(&p->lock);
    p->n++;
  }
  weir_mutex_unlock(&p->lock);
}

// Another element in each turn, and another node.
void all_of_them(void) {
  for (int i = 0; i < 4; i++)
    weir_mutex_lock(&each[i]);
  for (int i = 3; i >= 0; i--)
    weir_mutex_unlock(&each[i]);
}
void whole_list(struct pool *first) {
  for (struct pool *p = first; p; p = p->next)
    weir_mutex_lock(&p->lock);
  for (struct pool *p = first; p; p = p->next)
    weir_mutex_unlock(&p->lock);
}

// A function that is not known may have released it.
void unknown_in_between(struct pool *p) {
  weir_mutex_lock(&p->lock);
  let_go(p);
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
}

// A try that fails takes nothing.
void tries_until(struct pool *p) {
  while (!weir_mutex_trylock(&p->lock))
    weir_yield();
  p->n++;
  weir_mutex_unlock(&p->lock);
}

// The goroutine takes the lock, not this function.
static void count(void) {
  weir_mutex_lock(&all);
  weir_mutex_unlock(&all);
}
void starts_one(void) {
  weir_mutex_lock(&all);
  weir_go(count);
  weir_mutex_unlock(&all);
}
int main(void) {
  return 0;
}
