// SPDX-License-Identifier: Apache-2.0
//
// A wait on a condition gives its lock back and takes it again, with another one in hand that
// others take after it. In the fixed twin the other one is given back before.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_mutex queue, stats;
static weir_cond filled;
static int items;

static void consume(weir_wg *wg) {
  weir_mutex_lock(&queue);
  // CHECK-DAG: relocked_by_wait.c:[[@LINE+1]] in consume
  weir_mutex_lock(&stats);
#ifdef FIXED
  weir_mutex_unlock(&stats);
#endif
  hidden_post();
  while (!items)
    // CHECK-DAG: relocked_by_wait.c:[[@LINE+1]] in consume
    weir_cond_wait(&filled, &queue);
#ifndef FIXED
  weir_mutex_unlock(&stats);
#endif
  weir_mutex_unlock(&queue);
  hidden_post();
  weir_wg_done(wg);
}

static void fill(weir_wg *wg) {
  hidden_wait(1); // the consumer has taken both
  weir_mutex_lock(&queue);
  items = 1;
  weir_cond_signal(&filled);
  weir_mutex_unlock(&queue);
  weir_wg_done(wg);
}

static void count(weir_wg *wg) {
  hidden_wait(2);
  // CHECK-DAG: relocked_by_wait.c:[[@LINE+1]] in count
  weir_mutex_lock(&queue);
  // CHECK-DAG: relocked_by_wait.c:[[@LINE+1]] in count
  weir_mutex_lock(&stats);
  weir_mutex_unlock(&stats);
  weir_mutex_unlock(&queue);
  weir_wg_done(wg);
}

int main(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 3);
  weir_go(consume, &wg);
  weir_go(fill, &wg);
  weir_go(count, &wg);
  weir_wg_wait(&wg);
}
