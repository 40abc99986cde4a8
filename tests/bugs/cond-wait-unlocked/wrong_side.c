// SPDX-License-Identifier: Apache-2.0
//
// Waits as a reader while it holds the other side of the rwmutex.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: cond wait unlocked
// CHECK: waited on condition variable refreshed without its lock at wrong_side.c:
#include <weir/weir.h>

static weir_rwmutex table;
static weir_cond refreshed;
static int version;

static void refresh(void) {
  weir_guard(&table);
  version = 1;
  weir_cond_broadcast(&refreshed);
}

int main(void) {
  weir_wg all = {0};
#ifdef FIXED
  weir_wg_go(&all, refresh);
  weir_rguard(&table);
#else
  (void)refresh;
  weir_guard(&table);
#endif
  while (!version)
    // CHECK-DAG: wrong_side.c:[[@LINE+1]]
    weir_cond_rwait(&refreshed, &table);
  return 0;
}
