// SPDX-License-Identifier: Apache-2.0
//
// An error path unlocks, and so does the end of the function.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: unlock of unlocked
#include <weir/weir.h>

struct cache {
  weir_mutex mu;
  int hits;
};

static int lookup(struct cache *c, int key) {
  weir_mutex_lock(&c->mu);
  if (key < 0) {
#ifdef FIXED
    goto out;
#else
    weir_mutex_unlock(&c->mu);
#endif
  }
  c->hits++;
#ifdef FIXED
out:
#endif
  // CHECK-DAG: error_path.c:[[@LINE+1]]
  weir_mutex_unlock(&c->mu);
  return c->hits;
}

int main(void) {
  static struct cache c;
  // CHECK-DAG: error_path.c:[[@LINE+1]]
  return lookup(&c, -1) > 1;
}
