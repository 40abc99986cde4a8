// SPDX-License-Identifier: Apache-2.0
//
// moby_27037 with threads: each gets the address of the loop's counter and reads it later.
#include <stdio.h>

#include "threads.h"

static void *try_version(void *version) {
  char name[16];
#ifdef FIXED
  snprintf(name, sizeof name, "v1.%ld", (long)version);
#else
  snprintf(name, sizeof name, "v1.%ld", *(long *)version);
#endif
  volatile char last = name[3];
  (void)last;
  return NULL;
}

int main(void) {
  static long version;
  pthread_t tries[5];
  for (version = 17; version <= 21; version++)
#ifdef FIXED
    tries[version - 17] = start_thread(try_version, (void *)version);
#else
    tries[version - 17] = start_thread(try_version, &version);
#endif
  for (int i = 0; i < 5; i++)
    join(tries[i]);
  return 0;
}
