// SPDX-License-Identifier: Apache-2.0
//
// What starting and finishing a goroutine costs in a checked program: what the race detector maps for
// each is kept for the next, so no page is touched for the first time once some have run.
//
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t && %t
#include <sys/resource.h>

#include "check.h"

enum { WARM_UP = 500, STARTS = 2000 };

static void nothing(weir_wg *wg) {
  weir_wg_done(wg);
}

static void start(int n) {
  for (int i = 0; i < n; i++) {
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(nothing, &wg);
    weir_wg_wait(&wg);
  }
}

static long faults(void) {
  struct rusage use;
  CHECK(getrusage(RUSAGE_SELF, &use) == 0);
  return use.ru_minflt;
}

int main(void) {
  start(WARM_UP);
  long before = faults();
  start(STARTS);
  long each = (faults() - before) * 100 / STARTS;
  if (each >= 60) fprintf(stderr, "%ld page faults for 100 goroutines\n", each);
  CHECK(each < 60);
  return 0;
}
