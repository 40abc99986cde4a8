// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <stdlib.h>
#include <weir/weir.h>

struct pool {
  weir_mutex lock;
  weir_rwmutex table;
  pthread_mutex_t old;
  int n, closed;
  struct pool *next;
};
int check(int);
void relock(struct pool *p);

// Of two objects, one each.
void of_two(struct pool *a, struct pool *b) {
  weir_mutex_lock(&a->lock);
  weir_mutex_lock(&b->lock);
  weir_mutex_unlock(&a->lock);
  weir_mutex_unlock(&b->lock);
}

// Each way unlocks once.
int two_ways(struct pool *p) {
  weir_mutex_lock(&p->lock);
  if (p->closed) {
    weir_mutex_unlock(&p->lock);
    return -1;
  }
  weir_mutex_unlock(&p->lock);
  return 0;
}

// A flag remembers.
void by_flag(struct pool *p) {
  int locked = 1;
  weir_mutex_lock(&p->lock);
  if (p->closed) {
    weir_mutex_unlock(&p->lock);
    locked = 0;
  }
  check(1);
  if (locked) weir_mutex_unlock(&p->lock);
}
int by_status(struct pool *p) {
  int status = check(2);
  pthread_mutex_lock(&p->old);
  if (status != 0) pthread_mutex_unlock(&p->old);
  p->n++;
  if (status == 0) pthread_mutex_unlock(&p->old);
  return status;
}

// Locked again in between: here, there, and where it cannot be seen.
void around_a_call(struct pool *p) {
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
  check(1);
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
}
static void take(struct pool *p) {
  weir_mutex_lock(&p->lock);
}
void by_a_callee(struct pool *p) {
  take(p);
  weir_mutex_unlock(&p->lock);
  take(p);
  weir_mutex_unlock(&p->lock);
}
void out_of_sight(struct pool *p) {
  weir_mutex_lock(&p->lock);
  weir_mutex_unlock(&p->lock);
  relock(p);
  weir_mutex_unlock(&p->lock);
}

// Another object under the same name.
void along_a_list(struct pool *p) {
  for (; p; p = p->next)
    weir_mutex_unlock(&p->lock);
}

// As often as it was read-locked.
void readers(struct pool *p) {
  pthread_rwlock_t *lock = malloc(sizeof *lock);
  pthread_rwlock_rdlock(lock);
  pthread_rwlock_rdlock(lock);
  p->n++;
  pthread_rwlock_unlock(lock);
  pthread_rwlock_unlock(lock);
}

// Inside a loop that locks anew.
void in_turns(struct pool *p) {
  weir_mutex_lock(&p->lock);
  while (!p->closed) {
    weir_mutex_unlock(&p->lock);
    check(1);
    weir_mutex_lock(&p->lock);
  }
  weir_mutex_unlock(&p->lock);
}
// Given back when the handler is popped, whether that runs it or not.
void by_a_handler(pthread_mutex_t *lock, int *n) {
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, lock);
  pthread_mutex_lock(lock);
  ++*n;
  pthread_cleanup_pop(1);
  pthread_cleanup_push((void (*)(void *))pthread_mutex_unlock, lock);
  pthread_mutex_lock(lock);
  --*n;
  pthread_cleanup_pop(0);
  pthread_mutex_unlock(lock);
}
int main(void) {
  return 0;
}
