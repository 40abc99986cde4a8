// SPDX-License-Identifier: Apache-2.0
//
// moby_17176 with threads: with nothing to clean up, the cleanup keeps the lock.
#include "threads.h"

static pthread_mutex_t devices = PTHREAD_MUTEX_INITIALIZER; // guards deleted
static int deleted;

static int cleanup(void) {
  pthread_mutex_lock(&devices);
#ifndef FIXED
  if (deleted == 0) return 0;
#endif
  int left = deleted;
  pthread_mutex_unlock(&devices);
  return left;
}

static void *locker(void *done) {
  pthread_mutex_lock(&devices);
  send_value(done, true);
  pthread_mutex_unlock(&devices);
  return NULL;
}

int main(void) {
#ifdef FIXED
  struct channel *done = make_channel(1);
#else
  struct channel *done = make_channel(0);
#endif
  int value;
  cleanup();
  pthread_t t = start_thread(locker, done);
  receive_within(done, &value, 1);
#ifdef FIXED
  join(t);
#else
  leave(t);
  settle();
#endif
  return 0;
}
