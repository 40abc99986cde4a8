// SPDX-License-Identifier: Apache-2.0
//
// Work for the tests of cpu-hog and starvation: so many milliseconds of the process's processor
// time, so that what they test is the same on a busy machine.
#ifndef COMPUTE_H
#define COMPUTE_H

#include <time.h>

static inline int compute(int ms) {
  clock_t end = clock() + (clock_t)ms * (CLOCKS_PER_SEC / 1000);
  int rounds = 0;
  while (clock() < end)
    rounds++;
  return rounds;
}

#endif
