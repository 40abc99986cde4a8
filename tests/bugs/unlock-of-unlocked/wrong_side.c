// SPDX-License-Identifier: Apache-2.0
//
// A read lock of an rwmutex is given back by the call for writers.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: unlock of unlocked
// CHECK: rwmutex table.rw
#include <weir/weir.h>

struct table {
  weir_rwmutex rw;
  int n;
};

static int lookup(struct table *t) {
  weir_rwmutex_rlock(&t->rw);
  int n = t->n;
#ifdef FIXED
  weir_rwmutex_runlock(&t->rw);
#else
  // CHECK-DAG: wrong_side.c:[[@LINE+1]]
  weir_rwmutex_unlock(&t->rw);
#endif
  return n;
}

int main(void) {
  static struct table t;
  return lookup(&t);
}
