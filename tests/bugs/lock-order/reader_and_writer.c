// SPDX-License-Identifier: Apache-2.0
//
// One reads a table and then takes the log's lock, the other one has the log's lock and changes
// the table. In the fixed twin the other one only reads the table, too.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_rwmutex table;
static weir_mutex log_mu;

static void look_up(weir_wg *wg) {
  // CHECK-DAG: takes rwmutex table{{.*}}reader_and_writer.c:[[@LINE+1]] in look_up
  weir_rwmutex_rlock(&table);
  // CHECK-DAG: wants mutex log_mu{{.*}}reader_and_writer.c:[[@LINE+1]] in look_up
  weir_mutex_lock(&log_mu);
  weir_mutex_unlock(&log_mu);
  weir_rwmutex_runlock(&table);
  hidden_post();
  weir_wg_done(wg);
}

static void rotate(weir_wg *wg) {
  hidden_wait(1);
  // CHECK-DAG: takes mutex log_mu{{.*}}reader_and_writer.c:[[@LINE+1]] in rotate
  weir_mutex_lock(&log_mu);
#ifdef FIXED
  weir_rwmutex_rlock(&table);
  weir_rwmutex_runlock(&table);
#else
  // CHECK-DAG: wants rwmutex table{{.*}}reader_and_writer.c:[[@LINE+1]] in rotate
  weir_rwmutex_lock(&table);
  weir_rwmutex_unlock(&table);
#endif
  weir_mutex_unlock(&log_mu);
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(look_up, &wg);
  weir_go(rotate, &wg);
  weir_wg_wait(&wg);
}
