// SPDX-License-Identifier: Apache-2.0
//
// Who reads cannot become the writer: it would wait for itself.
//
// REQUIRES: races
// RUN: env CERTAINTY=observed \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: locks rwmutex table {{.*}}, which it holds already for reading since {{.*}}: it waits for itself
#include <weir/weir.h>

static weir_rwmutex table;
static int rows;

static void add_if_empty(void) {
  weir_rwmutex_rlock(&table);
  bool empty = rows == 0;
#ifdef FIXED
  weir_rwmutex_runlock(&table);
#endif
  if (empty) {
    // CHECK-DAG: rwmutex_upgrade.c:[[@LINE+1]]
    weir_guard(&table);
    rows++;
  }
#ifndef FIXED
  weir_rwmutex_runlock(&table);
#endif
}

int main(void) {
  weir_go(add_if_empty);
  return 0;
}
