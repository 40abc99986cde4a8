// SPDX-License-Identifier: Apache-2.0
//
// A function that reads calls one that reads, too; a writer that comes in between makes both wait.
//
// REQUIRES: races
// RUN: env CERTAINTY=observed \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: locks rwmutex table {{.*}}, which it holds already for reading since
// CHECK-SAME: (add_row) waits in between to write
#include <weir/weir.h>

static weir_rwmutex table;
static weir_chan(int) reading;

static int rows(void) {
  // CHECK-DAG: rwmutex_read_twice.c:[[@LINE+1]]
  weir_rguard(&table);
  return 3;
}

static int rows_locked(void) {
  return 3;
}

// A try fails as soon as somebody waits.
static void until_somebody_waits(void) {
  while (weir_rwmutex_tryrlock(&table)) {
    weir_rwmutex_runlock(&table);
    weir_yield();
  }
}

static void print(void) {
  // CHECK-DAG: rwmutex_read_twice.c:[[@LINE+1]]
  weir_rguard(&table);
  weir_close(reading);
  until_somebody_waits();
#ifdef FIXED
  rows_locked();
#else
  rows();
#endif
  (void)rows, (void)rows_locked;
}

static void add_row(void) {
  weir_recv(reading, NULL);
  // CHECK-DAG: rwmutex_read_twice.c:[[@LINE+1]]
  weir_guard(&table);
}

int main(void) {
  reading = weir_chan_make(int, 0);
  weir_go(print);
  weir_go(add_row);
  return 0;
}
