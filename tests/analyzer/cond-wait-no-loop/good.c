// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <threads.h>
#include <time.h>
#include <weir/weir.h>

struct queue {
  weir_mutex lock;
  weir_cond filled;
  pthread_mutex_t old;
  pthread_cond_t changed;
  int n, ready;
};

int take(struct queue *q) {
  weir_guard(&q->lock);
  while (q->n == 0)
    weir_cond_wait(&q->filled, &q->lock);
  return q->n--;
}
int with_for(struct queue *q) {
  weir_guard(&q->lock);
  for (;;) {
    if (q->n > 0) return q->n--;
    weir_cond_wait(&q->filled, &q->lock);
  }
}
void with_do(struct queue *q) {
  pthread_mutex_lock(&q->old);
  do
    pthread_cond_wait(&q->changed, &q->old);
  while (!q->ready);
  pthread_mutex_unlock(&q->old);
}
int with_goto(struct queue *q) {
  pthread_mutex_lock(&q->old);
again:
  if (q->n == 0) {
    pthread_cond_wait(&q->changed, &q->old);
    goto again;
  }
  int n = q->n--;
  pthread_mutex_unlock(&q->old);
  return n;
}
// It waits for its caller, who has the loop.
int wait_for(pthread_cond_t *cond, pthread_mutex_t *lock) {
  return pthread_cond_wait(cond, lock);
}
static void sleep_on(struct queue *q) {
  weir_cond_wait(&q->filled, &q->lock);
}
int through_another(struct queue *q) {
  weir_guard(&q->lock);
  while (q->n == 0)
    sleep_on(q);
  return q->n--;
}
// A sleep that can be ended early.
void nap(struct queue *q, const struct timespec *until) {
  pthread_mutex_lock(&q->old);
  if (!q->ready) pthread_cond_timedwait(&q->changed, &q->old, until);
  pthread_mutex_unlock(&q->old);
}
void inner_loop(struct queue *q) {
  weir_guard(&q->lock);
  if (q->ready)
    while (q->n == 0) {
      q->ready++;
      if (q->ready > 1) weir_cond_wait(&q->filled, &q->lock);
    }
}
// Nothing is asked for, and Weir wakes nobody without a signal.
void meet(struct queue *q) {
  weir_guard(&q->lock);
  weir_cond_wait(&q->filled, &q->lock);
}
void signals(struct queue *q) {
  weir_guard(&q->lock);
  q->n++;
  weir_cond_signal(&q->filled);
}

// For whoever calls it, with types of its own.
struct own_lock {
  pthread_mutex_t mutex;
};
struct own_condition {
  pthread_cond_t cond;
};
int own_wait(struct own_condition *c, struct own_lock *l) {
  return pthread_cond_wait(&c->cond, &l->mutex);
}
