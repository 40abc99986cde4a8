// SPDX-License-Identifier: Apache-2.0
//
// kubernetes_89164 with threads: a buffer is emptied with the lock held and looked through without.
#include "threads.h"

struct cacher {
  pthread_rwlock_t mu; // guards watchers
  struct {
    void **all;
    int n;
  } watchers;
  pthread_t dispatcher;
};

static void start_dispatching(struct cacher *c) {
  pthread_rwlock_wrlock(&c->mu);
  c->watchers.n = 0;
  pthread_rwlock_unlock(&c->mu);
}

static void *dispatch(void *arg) {
  struct cacher *c = arg;
  start_dispatching(c);
#ifdef FIXED
  pthread_rwlock_rdlock(&c->mu);
#endif
  for (volatile int i = 0; i < c->watchers.n; i++) {
  }
#ifdef FIXED
  pthread_rwlock_unlock(&c->mu);
#endif
  return NULL;
}

int main(void) {
  struct cacher *c = calloc(1, sizeof *c);
  pthread_rwlock_init(&c->mu, NULL);
  c->dispatcher = start_thread(dispatch, c);
  for (int i = 0; i < 3; i++)
    join(start_thread(dispatch, c));
  join(c->dispatcher);
  return 0;
}
