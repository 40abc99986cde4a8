// SPDX-License-Identifier: Apache-2.0
//
// Each takes its own lock, tries the other's, cannot have it, gives its own back so as not to be in
// the way, and begins again: for ever. (An order of steps that the detector cannot see keeps them
// from meeting.) The fixed ones take the locks in one order.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=livelock_rounds=2000:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: livelock
// CHECK-SAME: [suspected]
// CHECK: 2 goroutines keep each other from going on
#include <stdatomic.h>
#include <weir/weir.h>

static weir_mutex left, right;
static atomic_int steps[2];
static int done;

// Both have come here equally often.
static void in_step(int who) {
  int mine = atomic_fetch_add(&steps[who], 1) + 1;
  while (atomic_load(&steps[!who]) < mine)
    weir_yield();
}

static void both(weir_mutex *own, weir_mutex *other, int who) {
#ifdef FIXED
  if (who == 1) {
    weir_mutex *first = own;
    own = other;
    other = first;
  }
  weir_mutex_lock(own);
  weir_mutex_lock(other);

#else
  for (;;) {
    weir_mutex_lock(own);
    in_step(who);
    // CHECK-DAG: polite.c:[[#@LINE+1]]
    bool got = weir_mutex_trylock(other);
    in_step(who);
    if (got) break;
    weir_mutex_unlock(own);
  }
#endif
  done++;
  weir_mutex_unlock(other);
  weir_mutex_unlock(own);
}

int main(void) {
  weir_wg all = {0};
  weir_wg_go(&all, both, &left, &right, 0);
  weir_wg_go(&all, both, &right, &left, 1);
  weir_wg_wait(&all);
  return done != 2;
}
