// SPDX-License-Identifier: Apache-2.0
//
// moby_7559 with threads: when the dial fails, the next turn of the loop takes the lock again.
#include <errno.h>

#include "threads.h"

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static int dial(void) {
  static volatile int error = ECONNREFUSED;
  return error;
}

static void *run(void *arg) {
  for (int i = 0; i < 2; i++) {
    pthread_mutex_lock(&table_lock);
    if (dial() != 0) {
#ifdef FIXED
      pthread_mutex_unlock(&table_lock);
#endif
      continue;
    }
#ifdef FIXED
    pthread_mutex_unlock(&table_lock);
#endif
    if (i == 0) break;
  }
#ifndef FIXED
  pthread_mutex_unlock(&table_lock);
#endif
  return arg;
}

int main(void) {
  pthread_t runner = start_thread(run, NULL);
#ifdef FIXED
  join(runner);
#else
  leave(runner);
  settle();
#endif
  return 0;
}
