// SPDX-License-Identifier: Apache-2.0
//
// kubernetes_88331 with threads: the flusher pops with the lock, the test asks for the length
// without.
#include "threads.h"

struct queue {
  struct channel *stop;
  pthread_rwlock_t lock; // guards length
  int length;
  pthread_t flusher;
};

static void flush(struct queue *q) {
  pthread_rwlock_wrlock(&q->lock);
  q->length--;
  pthread_rwlock_unlock(&q->lock);
}

static void *until(void *arg) {
  struct queue *q = arg;
  int none;
  if (try_receive(q->stop, &none)) return NULL;
  flush(q);
  receive(q->stop, &none);
  return NULL;
}

static void *tester(void *arg) {
  struct queue *q = calloc(1, sizeof *q);
  (void)arg;
  pthread_rwlock_init(&q->lock, NULL);
  q->stop = make_channel(0);
  q->length = 2;
  q->flusher = start_thread(until, q);
#ifdef FIXED
  pthread_rwlock_rdlock(&q->lock);
#endif
  volatile int left = q->length;
  (void)left;
#ifdef FIXED
  pthread_rwlock_unlock(&q->lock);
  close_channel(q->stop);
  join(q->flusher);
#endif
  return NULL;
}

int main(void) {
  join(start_thread(tester, NULL));
#ifndef FIXED
  settle();
#endif
  return 0;
}
