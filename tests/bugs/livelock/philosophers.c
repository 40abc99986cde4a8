// SPDX-License-Identifier: Apache-2.0
//
// Three philosophers who put the left fork down again when the right one is taken, all in step. The
// fixed ones wait for the right fork, and one of them is left-handed; before that each tries often
// in vain for a fork that somebody has who thinks: that is waiting, and no livelock.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=livelock_rounds=2000:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: livelock
// CHECK: 3 goroutines keep each other from going on
#include <stdatomic.h>
#include <weir/weir.h>

enum { SEATS = 3, PATIENCE = 20000 };

static weir_rwmutex forks[SEATS];
static atomic_int steps[SEATS], tried;

#ifdef FIXED
static void tries_in_vain(weir_rwmutex *fork) {
  for (int i = 0; i < PATIENCE && !weir_rwmutex_trylock(fork); i++)
    weir_yield();
  atomic_fetch_add(&tried, 1);
}

static void eat(int seat) {
  int first = seat, second = (seat + 1) % SEATS;
  if (second < first) first = second, second = seat;
  weir_rwmutex_lock(&forks[first]);
  weir_rwmutex_lock(&forks[second]);
  weir_rwmutex_unlock(&forks[second]);
  weir_rwmutex_unlock(&forks[first]);
}
#else
static void in_step(int seat) {
  int mine = atomic_fetch_add(&steps[seat], 1) + 1;
  for (int i = 0; i < SEATS; i++)
    while (atomic_load(&steps[i]) < mine)
      weir_yield();
}

static void eat(int seat) {
  for (bool got = false; !got;) {
    weir_rwmutex_lock(&forks[seat]);
    in_step(seat);
    // CHECK-DAG: philosophers.c:[[#@LINE+1]]
    got = weir_rwmutex_trylock(&forks[(seat + 1) % SEATS]);
    in_step(seat);
    weir_rwmutex_unlock(&forks[seat]);
  }
}
#endif

int main(void) {
  weir_wg all = {0};
#ifdef FIXED
  weir_rwmutex_lock(&forks[0]); // main thinks, with a fork in its hand
  for (int i = 0; i < SEATS; i++)
    weir_wg_go(&all, tries_in_vain, &forks[0]);
  while (atomic_load(&tried) < SEATS)
    weir_yield();
  weir_rwmutex_unlock(&forks[0]);
#endif
  for (int i = 0; i < SEATS; i++)
    weir_wg_go(&all, eat, i);
  weir_wg_wait(&all);
}
