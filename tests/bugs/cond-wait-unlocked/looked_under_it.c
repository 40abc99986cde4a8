// SPDX-License-Identifier: Apache-2.0
//
// The lock is held for the look, and given back before the wait.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: cond wait unlocked
// CHECK: waited on condition variable {{.*}}changed without its lock at looked_under_it.c:
#include <weir/weir.h>

struct box {
  weir_mutex mu; // guards full
  weir_cond changed;
  bool full;
};

static void fill(struct box *b) {
  weir_guard(&b->mu);
  b->full = true;
  weir_cond_broadcast(&b->changed);
}

static void take(struct box *b) {
  weir_mutex_lock(&b->mu);
  while (!b->full) {
#ifndef FIXED
    weir_mutex_unlock(&b->mu);
#endif
    // CHECK-DAG: looked_under_it.c:[[@LINE+1]]
    weir_cond_wait(&b->changed, &b->mu);
  }
  b->full = false;
  weir_mutex_unlock(&b->mu);
}

int main(void) {
  static struct box box;
  weir_wg all = {0};
#ifdef FIXED
  weir_wg_go(&all, fill, &box);
#else
  (void)fill;
#endif
  take(&box);
  weir_wg_wait(&all);
  return 0;
}
