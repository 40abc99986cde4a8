// SPDX-License-Identifier: Apache-2.0
//
// moby_36114 with threads: adding calls the removal, which takes the same lock.
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void hot_remove(void) {
#ifndef FIXED
  pthread_mutex_lock(&lock);
  pthread_mutex_unlock(&lock);
#endif
}

static void *hot_add(void *arg) {
  pthread_mutex_lock(&lock);
  hot_remove();
  pthread_mutex_unlock(&lock);
  return arg;
}

int main(void) {
  pthread_t adder = start_thread(hot_add, NULL);
#ifdef FIXED
  join(adder);
#else
  leave(adder);
  settle();
#endif
  return 0;
}
