// SPDX-License-Identifier: Apache-2.0
//
// A function that reads a table calls one that reads it, too. It went well, since nobody came to
// write the table in between. In the fixed twin the table is written before the reader is started.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK: (print) holds rwmutex table since
// CHECK-SAME: taking rwmutex table for reading at
// CHECK-SAME: (add_row) comes first, taking rwmutex table for writing at
#include "hidden.h"

static weir_rwmutex table;

static int rows(void) {
  // CHECK-DAG: (add_row) comes first to write {{.*}}read_twice.c:[[@LINE+1]] in rows
  weir_rguard(&table);
  return 3;
}

static void print(void) {
  hidden_wait(1);
  // CHECK-DAG: takes rwmutex table{{.*}}read_twice.c:[[@LINE+1]] in print
  weir_rguard(&table);
  rows();
}

static void add_row(void) {
  {
    // CHECK-DAG: wants rwmutex table{{.*}}read_twice.c:[[@LINE+1]] in add_row
    weir_guard(&table);
  }
  hidden_post();
}

int main(void) {
  weir_wg wg = {0};
#ifdef FIXED
  add_row();
  weir_wg_go(&wg, print);
#else
  weir_wg_go(&wg, print);
  weir_wg_go(&wg, add_row);
#endif
  weir_wg_wait(&wg);
}
