// SPDX-License-Identifier: Apache-2.0
//
// Five philosophers who happen to eat one after the other. In the fixed twin one of them takes the
// right fork first.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK: 5 goroutines each hold what another one wants
#include "hidden.h"

enum { SEATS = 5 };
static weir_mutex forks[SEATS];

static void eat(weir_mutex *first, weir_mutex *second) {
  // CHECK-DAG: philosophers.c:[[@LINE+1]] in eat
  weir_mutex_lock(first);
  // CHECK-DAG: philosophers.c:[[@LINE+1]] in eat
  weir_mutex_lock(second);
  weir_mutex_unlock(second);
  weir_mutex_unlock(first);
}

static void dine(int seat, weir_wg *wg) {
  weir_mutex *left = &forks[seat], *right = &forks[(seat + 1) % SEATS];
  hidden_wait(seat);
#ifdef FIXED
  if (seat == SEATS - 1)
    eat(right, left);
  else
#endif
    eat(left, right);
  hidden_post();
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, SEATS);
  for (int i = 0; i < SEATS; i++)
    weir_go(dine, i, &wg);
  weir_wg_wait(&wg);
}
