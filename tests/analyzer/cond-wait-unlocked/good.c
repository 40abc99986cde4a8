// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <weir/weir.h>

struct queue {
  weir_mutex lock;
  weir_rwmutex table;
  weir_cond filled;
  pthread_mutex_t old;
  pthread_cond_t ready;
  int n;
};
int check(int);
void lock_queue(struct queue *q);

void held(struct queue *q) {
  weir_mutex_lock(&q->lock);
  while (!q->n)
    weir_cond_wait(&q->filled, &q->lock);
  weir_mutex_unlock(&q->lock);
}
void by_guard(struct queue *q) {
  weir_guard(&q->lock);
  while (!q->n)
    weir_cond_wait(&q->filled, &q->lock);
}
void for_reading(struct queue *q) {
  weir_rwmutex_rlock(&q->table);
  while (!q->n)
    weir_cond_rwait(&q->filled, &q->table);
  weir_rwmutex_runlock(&q->table);
}

// The caller holds it.
void wait_locked(struct queue *q) {
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old);
}
// Also one that is only called here.
static void wait_inside(struct queue *q) {
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old);
}
void outside(struct queue *q) {
  pthread_mutex_lock(&q->old);
  wait_inside(q);
  pthread_mutex_unlock(&q->old);
}

// Taken again: here, by a callee, where it cannot be seen.
void for_a_while(struct queue *q) {
  pthread_mutex_lock(&q->old);
  while (!q->n) {
    pthread_mutex_unlock(&q->old);
    check(1);
    pthread_mutex_lock(&q->old);
    pthread_cond_wait(&q->ready, &q->old);
  }
  pthread_mutex_unlock(&q->old);
}
static void enter(struct queue *q) {
  pthread_mutex_lock(&q->old);
}
void by_a_callee(struct queue *q) {
  enter(q);
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old);
  pthread_mutex_unlock(&q->old);
  enter(q);
  while (q->n)
    pthread_cond_wait(&q->ready, &q->old);
  pthread_mutex_unlock(&q->old);
}
static void *thread(void *arg) {
  struct queue *q = arg;
  lock_queue(q);
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old);
  pthread_mutex_unlock(&q->old);
  return NULL;
}
void start(struct queue *q) {
  pthread_t id;
  pthread_create(&id, NULL, thread, q);
}

// Two names of one lock, perhaps.
static void consume(struct queue *q, struct queue *other) {
  weir_guard(&q->lock);
  while (!q->n)
    weir_cond_wait(&q->filled, &other->lock);
}
void both(struct queue *q) {
  weir_go(consume, q, q);
}

// A flag tells; of two locks, one each; handed over at a meeting.
void by_flag(struct queue *q) {
  int locked = 1;
  pthread_mutex_lock(&q->old);
  if (check(2)) {
    pthread_mutex_unlock(&q->old);
    locked = 0;
  }
  while (locked && !q->n)
    pthread_cond_wait(&q->ready, &q->old);
  if (locked) pthread_mutex_unlock(&q->old);
}
void of_two(struct queue *a, struct queue *b) {
  pthread_mutex_lock(&a->old);
  pthread_mutex_lock(&b->old);
  pthread_mutex_unlock(&a->old);
  while (!b->n)
    pthread_cond_wait(&b->ready, &b->old);
  pthread_mutex_unlock(&b->old);
}
void handed_over(struct queue *q, weir_chan(int) c) {
  weir_mutex_lock(&q->lock);
  weir_mutex_unlock(&q->lock);
  weir_recv(c, NULL);
  while (!q->n)
    weir_cond_wait(&q->filled, &q->lock);
  weir_mutex_unlock(&q->lock);
}
int main(void) {
  return 0;
}
