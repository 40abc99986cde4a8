// SPDX-License-Identifier: Apache-2.0
//
// One reads the cache and then wants the index, another has the index and then reads the cache,
// too. Readers do not wait for each other, but behind a writer that comes between they do. In the
// fixed twin the index is always first.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
// CHECK: none of them can ever go on.
#include "hidden.h"

static weir_rwmutex cache;
static weir_mutex index_mu;

static void look_up(void) {
#ifdef FIXED
  weir_guard(&index_mu);
  weir_rguard(&cache);
#else
  // CHECK-DAG: takes rwmutex cache{{.*}}read_behind_writer.c:[[@LINE+1]] in look_up
  weir_rguard(&cache);
  // CHECK-DAG: wants mutex index_mu{{.*}}read_behind_writer.c:[[@LINE+1]] in look_up
  weir_guard(&index_mu);
#endif
}

static void list(void) {
  hidden_wait(1);
  // CHECK-DAG: takes mutex index_mu{{.*}}read_behind_writer.c:[[@LINE+1]] in list
  weir_guard(&index_mu);
  // CHECK-DAG: wants rwmutex cache{{.*}}read_behind_writer.c:[[@LINE+1]] in list
  weir_rguard(&cache);
}

static void change(void) {
  hidden_wait(2);
  // CHECK-DAG: wants rwmutex cache{{.*}}read_behind_writer.c:[[@LINE+1]] in change
  weir_guard(&cache);
}

static void in_turn(void (*work)(void), weir_wg *wg) {
  work();
  hidden_post();
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 3);
  weir_go(in_turn, look_up, &wg);
  weir_go(in_turn, list, &wg);
  weir_go(in_turn, change, &wg);
  weir_wg_wait(&wg);
}
