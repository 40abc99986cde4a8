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
  pthread_cond_t ready;
  int n;
};


void released_before(struct queue *q) {
  weir_mutex_lock(&q->lock);
  q->n++;
  weir_mutex_unlock(&q->lock);
  while (q->n > 0)
    weir_cond_wait(&q->filled, &q->lock); // expect: cond-wait-unlocked 'q->lock' is not held when it is waited with here
}

void in_the_next_turn(struct queue *q) {
  for (;;) {
    pthread_mutex_lock(&q->old);
    int n = q->n;
    pthread_mutex_unlock(&q->old);
    if (n) break;
    pthread_cond_wait(&q->ready, &q->old); // expect: cond-wait-unlocked 'q->old' is not held when it is waited with here
  }
}

void on_one_way(struct queue *q, int quick) {
  pthread_mutex_lock(&q->old);
  if (quick) pthread_mutex_unlock(&q->old);
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old); // expect: cond-wait-unlocked on one way
  pthread_mutex_unlock(&q->old); // expect: double-unlock
}

static void leave(struct queue *q) {
  q->n--;
  pthread_mutex_unlock(&q->old);
}
void the_callee_released(struct queue *q) {
  pthread_mutex_lock(&q->old);
  leave(q);
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old); // expect: cond-wait-unlocked 'q->old' is not held
}

void only_read(struct queue *q) {
  weir_rwmutex_rlock(&q->table);
  while (!q->n)
    weir_cond_wait(&q->filled, &q->table); // expect: cond-wait-unlocked by its read side only
  weir_rwmutex_runlock(&q->table);
}

static void *thread(void *arg) {
  struct queue *q = arg;
  while (!q->n)
    pthread_cond_wait(&q->ready, &q->old); // expect: cond-wait-unlocked nothing on the way locks it
  return NULL;
}
static void goroutine(struct queue *q) {
  weir_mutex_lock(&q->lock);
  while (!q->n)
    weir_cond_rwait(&q->filled, &q->table); // expect: cond-wait-unlocked nothing on the way locks it
  weir_mutex_unlock(&q->lock);
}
void start(struct queue *q) {
  pthread_t id;
  pthread_create(&id, NULL, thread, q);
  weir_go(goroutine, q);
}

static mtx_t mu;
static cnd_t cv;
static int there;
int main(void) {
  while (!there)
    cnd_wait(&cv, &mu); // expect: cond-wait-unlocked 'mu' is not held when it is waited with here: nothing
  return 0;
}
