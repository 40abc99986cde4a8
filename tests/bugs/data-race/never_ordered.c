// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines that never synchronised with each other, however much each did with a third: the
// report says so. More synchronisations than a log holds, and it says that much less.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc -DROUNDS=1000"
//
// CHECK: data race
// CHECK: wrote global 'shared' at never_ordered.c:[[@LINE+35]] in late
// CHECK: Last synchronisation between the two:
// CHECK-NEXT: from goroutine 2 (early) to goroutine 3 (late): none
// CHECK-NEXT: from goroutine 3 (late) to goroutine 2 (early): none
// CHECK-NEXT: Nothing since then orders the two accesses.
#include "hidden.h"

#ifndef ROUNDS
#define ROUNDS 3
#endif

static int shared;
static weir_mutex mu, own[2];

static void busy(int i) {
  for (int n = 0; n < ROUNDS; n++) {
    weir_guard(&own[i]);
  }
}

static void early(void) {
  busy(0);
#ifdef FIXED
  weir_guard(&mu);
#endif
  shared++;
  hidden_post();
}

static void late(void) {
  busy(1);
  hidden_wait(1);
#ifdef FIXED
  weir_guard(&mu);
#endif
  shared++;
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, early);
  weir_wg_go(&wg, late);
  weir_wg_wait(&wg);
  (void)mu;
  return shared == 2 ? 0 : 1;
}
