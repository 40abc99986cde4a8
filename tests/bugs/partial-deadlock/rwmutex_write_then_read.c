// SPDX-License-Identifier: Apache-2.0
//
// A function that holds the write side calls one that reads: it waits for itself, and nobody else
// has anything to do with it.
//
// RUN: env CERTAINTY=observed \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: locks rwmutex table {{.*}} holds already for writing since {{.*}}: it waits for itself
#include <weir/weir.h>

static weir_rwmutex table;
static int n;

static int rows(void) {
  weir_rguard(&table);
  return n;
}
static void add(void) {
  weir_guard(&table);
  // CHECK-DAG: rwmutex_write_then_read.c:[[@LINE+4]]
#ifdef FIXED
  if (n < 3) n++;
#else
  if (rows() < 3) n++;
#endif
}

int main(void) {
  weir_go(add);
  return 0;
}
