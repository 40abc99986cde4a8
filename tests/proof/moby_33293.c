// SPDX-License-Identifier: Apache-2.0
//
// moby_33293 with threads: an error is sent on the channel that the caller is to get.
#include "threads.h"

static int attach(void) {
  static unsigned state = 1;
  int failed = state & 1;
  state = state * 1664525u + 1013904223u;
  return failed;
}

static struct channel *container_wait(void) {
#ifdef FIXED
  struct channel *errors = make_channel(1);
#else
  struct channel *errors = make_channel(0);
#endif
  int error = attach();
  if (error) send_value(errors, error);
  return errors;
}

static void *wait_for_container(void *arg) {
  (void)arg;
  return container_wait();
}

int main(void) {
  pthread_t t = start_thread(wait_for_container, NULL);
#ifdef FIXED
  join(t);
#else
  leave(t);
  settle();
#endif
  return 0;
}
