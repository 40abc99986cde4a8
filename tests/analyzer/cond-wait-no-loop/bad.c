// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <pthread.h>
#include <threads.h>
#include <weir/weir.h>

struct queue {
  weir_mutex lock;
  weir_rwmutex table;
  weir_cond filled;
  pthread_mutex_t old;
  pthread_cond_t changed;
  int n, ready;
};
static mtx_t lock;
static cnd_t cond;

int take(struct queue *q) {
  weir_guard(&q->lock);
  if (q->n == 0) weir_cond_wait(&q->filled, &q->lock); // expect: cond-wait-no-loop 'q->filled'
  return q->n--;
}
void once(struct queue *q) {
  pthread_mutex_lock(&q->old);
  pthread_cond_wait(&q->changed, &q->old); // expect: cond-wait-no-loop 'q->changed'
  q->n--;
  pthread_mutex_unlock(&q->old);
}
int of_pthreads(struct queue *q) {
  pthread_mutex_lock(&q->old);
  if (!q->ready) pthread_cond_wait(&q->changed, &q->old); // expect: cond-wait-no-loop 'q->changed'
  int n = q->n;
  pthread_mutex_unlock(&q->old);
  return n;
}
void of_c11(int *ready) {
  mtx_lock(&lock);
  if (!*ready) cnd_wait(&cond, &lock); // expect: cond-wait-no-loop 'cond'
  mtx_unlock(&lock);
}
int of_readers(struct queue *q) {
  weir_rguard(&q->table);
  if (!q->ready) weir_cond_rwait(&q->filled, &q->table); // expect: cond-wait-no-loop 'q->filled'
  return q->n;
}
void behind_a_loop(struct queue *q) {
  weir_guard(&q->lock);
  for (int i = 0; i < q->n; i++)
    q->ready += i;
  if (q->ready < 10) weir_cond_wait(&q->filled, &q->lock); // expect: cond-wait-no-loop 'q->filled'
}
int in_a_switch(struct queue *q, int kind) {
  pthread_mutex_lock(&q->old);
  switch (kind) {
  case 1:
    pthread_cond_wait(&q->changed, &q->old); // expect: cond-wait-no-loop 'q->changed'
    break;
  }
  return pthread_mutex_unlock(&q->old);
}
