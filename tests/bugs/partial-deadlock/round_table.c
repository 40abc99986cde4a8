// SPDX-License-Identifier: Apache-2.0
//
// Five philosophers take their left fork and then wait for the right one.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK-DAG: goroutine 2 [sync.Mutex.Lock]:
// CHECK-DAG: goroutine 3 [sync.Mutex.Lock]:
// CHECK-DAG: goroutine 4 [sync.Mutex.Lock]:
// CHECK-DAG: goroutine 5 [sync.Mutex.Lock]:
// CHECK-DAG: goroutine 6 [sync.Mutex.Lock]:
#include "hidden.h"

enum { SEATS = 5 };
static weir_mutex fork_[SEATS];

static void philosopher(int seat, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  int first = seat, second = (seat + 1) % SEATS;
#ifdef FIXED
  if (second < first) first = second, second = seat;
#endif
  weir_mutex_lock(&fork_[first]);
#ifndef FIXED
  hidden_post();
  hidden_wait(SEATS);
#endif
  // CHECK-DAG: round_table.c:[[@LINE+1]]
  weir_mutex_lock(&fork_[second]);
  weir_mutex_unlock(&fork_[second]);
  weir_mutex_unlock(&fork_[first]);
}

int main(void) {
  static weir_wg wg;
  weir_wg_add(&wg, SEATS);
  for (int i = 0; i < SEATS; i++)
    weir_go(philosopher, i, &wg);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  return 0;
}
