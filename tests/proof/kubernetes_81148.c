// SPDX-License-Identifier: Apache-2.0
//
// kubernetes_81148 with threads: a record is put into the queue, and changed after that without the
// lock that its reader takes.
#include "threads.h"

struct pod {
  const char *name;
  time_t timestamp;
};

struct queue {
  pthread_rwlock_t lock; // guards pods
  struct channel *stop;
  struct pod *pods[4];
  pthread_t flusher;
};

static void flush(struct queue *q) {
  time_t oldest = 0;
  pthread_rwlock_wrlock(&q->lock);
  for (int i = 0; q->pods[i]; i++)
    if (!oldest || q->pods[i]->timestamp < oldest) oldest = q->pods[i]->timestamp;
  volatile time_t least = oldest;
  (void)least;
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

static struct queue *new_queue(struct channel *stop) {
  struct queue *q = calloc(1, sizeof *q);
  pthread_rwlock_init(&q->lock, NULL);
  q->stop = stop;
  q->flusher = start_thread(until, q);
  return q;
}

static void add_or_update(struct queue *q, struct pod *p) {
  pthread_rwlock_wrlock(&q->lock);
  q->pods[0] = p;
  pthread_rwlock_unlock(&q->lock);
}

static void *test_flush(void *stop) {
  struct queue *q = new_queue(stop);
  struct pod *p = malloc(sizeof *p);
  *p = (struct pod){"1", time(NULL)};
#ifdef FIXED
  p->timestamp -= 60;
  add_or_update(q, p);
#else
  add_or_update(q, p);
  q->pods[0]->timestamp = time(NULL) - 60;
#endif
  return q;
}

int main(void) {
  struct channel *stop = make_channel(0);
  void *q;
  pthread_join(start_thread(test_flush, stop), &q);
  close_channel(stop);
  join(((struct queue *)q)->flusher);
  return 0;
}
