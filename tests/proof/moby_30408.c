// SPDX-License-Identifier: Apache-2.0
//
// moby_30408 with threads: a plugin that could not be activated is waited for, and nobody signals.
#include "threads.h"

struct plugin {
  pthread_mutex_t mu;
  pthread_cond_t activated;
  const char *activation_error;
  void *manifest;
  struct channel *done;
};

static bool must_wait(const struct plugin *p) {
#ifdef FIXED
  return !p->manifest && !p->activation_error;
#else
  return !p->manifest;
#endif
}

static void *waiter(void *arg) {
  struct plugin *p = arg;
  pthread_mutex_lock(&p->mu);
  while (must_wait(p))
    pthread_cond_wait(&p->activated, &p->mu);
  pthread_mutex_unlock(&p->mu);
  close_channel(p->done);
  return NULL;
}

int main(void) {
  static struct plugin p = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, NULL, NULL};
  int none;
  p.activation_error = "some junk happened";
  p.done = make_channel(0);
  pthread_t t = start_thread(waiter, &p);
  receive(p.done, &none);
  join(t);
  return 0;
}
