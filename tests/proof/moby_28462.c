// SPDX-License-Identifier: Apache-2.0
//
// moby_28462 with threads: the monitor is told to stop with the lock held that its probe takes.
#include "threads.h"

struct container {
  pthread_mutex_t lock; // guards stop
  struct channel *stop;
};

struct monitored {
  struct container *container;
  struct channel *stop;
};

static void *monitor(void *arg) {
  struct monitored *m = arg;
  int none;
  while (!try_receive(m->stop, &none)) {
    pthread_mutex_lock(&m->container->lock);
    pthread_mutex_unlock(&m->container->lock);
  }
  return NULL;
}

static void *change_state(void *arg) {
  struct container *c = arg;
  pthread_mutex_lock(&c->lock);
#ifdef FIXED
  close_channel(c->stop);
  c->stop = NULL;
#else
  send_value(c->stop, 0);
#endif
  pthread_mutex_unlock(&c->lock);
  return NULL;
}

int main(void) {
  static struct container c = {PTHREAD_MUTEX_INITIALIZER, NULL};
  static struct monitored m;
  c.stop = make_channel(0);
  m = (struct monitored){&c, c.stop};
  pthread_t one = start_thread(monitor, &m), other = start_thread(change_state, &c);
#ifdef FIXED
  join(one);
  join(other);
#else
  leave(one);
  leave(other);
  settle();
#endif
  return 0;
}
