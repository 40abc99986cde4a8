// SPDX-License-Identifier: Apache-2.0
//
// A million timers pend at once, in no order of time: the earliest still fire, each that is stopped
// was pending, and nothing is left. RUN: %weircc_plain -O1 %s -o %t && %t
#include <stdlib.h>

#include "check.h"

enum { TIMERS = 1000000, SOON = 1000 };

int main(void) {
  weir_timer **timer = malloc(TIMERS * sizeof *timer);
  CHECK(timer != NULL);
  uint32_t x = 1;
  for (int i = 0; i < TIMERS; i++) {
    x = x * 1664525u + 1013904223u; // any order will do (Numerical Recipes)
    timer[i] = weir_timer_new(i % SOON ? WEIR_S(3600 + x % 100000) : WEIR_US(1 + x % 1000));
  }
  for (int i = 0; i < TIMERS; i += SOON)
    CHECK(weir_recv(weir_timer_chan(timer[i]), NULL));
  long pending = 0;
  for (int i = 0; i < TIMERS; i++) {
    pending += weir_timer_stop(timer[i]);
    weir_timer_free(timer[i]);
  }
  CHECK_EQ(pending, TIMERS - TIMERS / SOON);
  free(timer);
  return 0;
}
