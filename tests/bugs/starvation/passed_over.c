// SPDX-License-Identifier: Apache-2.0
//
// Two goroutines have a lock by turns, and a third, which only ever tries, comes when one of them
// has it, each time. (The order is forced by variables that the detector does not see.) The fixed
// one waits for the lock and is served.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=starvation_rounds=1000:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: starvation
// CHECK-SAME: [suspected]
// CHECK: times in a row without success
#include <stdatomic.h>
#include <weir/weir.h>

static weir_mutex mu;
static atomic_int turn, has;
static atomic_bool over;

static void takes_turns(int who) {
  while (!atomic_load(&over)) {
    if (atomic_load(&turn) % 2 != who) {
      weir_yield();
      continue;
    }
    weir_mutex_lock(&mu);
    atomic_store(&has, 1);
#ifndef FIXED
    while (atomic_load(&has) == 1) // until the third one has tried
      weir_yield();
#endif
    weir_mutex_unlock(&mu);
    atomic_store(&has, 0);
    atomic_fetch_add(&turn, 1);
  }
}

static void tries(void) {
#ifdef FIXED
  weir_mutex_lock(&mu);
#else
  for (bool got = false; !got;) {
    while (atomic_load(&has) != 1)
      weir_yield();
    // CHECK-DAG: passed_over.c:[[#@LINE+1]]
    got = weir_mutex_trylock(&mu);
    atomic_store(&has, 2);
  }
#endif
  weir_mutex_unlock(&mu);
  atomic_store(&over, true);
}

int main(void) {
  weir_wg all = {0};
  weir_wg_go(&all, takes_turns, 0);
  weir_wg_go(&all, takes_turns, 1);
  weir_wg_go(&all, tries);
  weir_wg_wait(&all);
}
