// SPDX-License-Identifier: Apache-2.0
//
// main takes the locks in the other order while a worker runs. In the fixed twin it does so before
// it starts the worker, and again after it has waited for it.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include "hidden.h"

static weir_mutex config, cache;

static void work(weir_chan(int) done) {
  // CHECK-DAG: set_up_too_late.c:[[@LINE+1]] in work
  weir_mutex_lock(&config);
  // CHECK-DAG: set_up_too_late.c:[[@LINE+1]] in work
  weir_mutex_lock(&cache);
  weir_mutex_unlock(&cache);
  weir_mutex_unlock(&config);
  hidden_post();
  weir_send(done, 1);
}

static void set_up(void) {
  // CHECK-DAG: set_up_too_late.c:[[@LINE+1]] in set_up
  weir_mutex_lock(&cache);
  // CHECK-DAG: set_up_too_late.c:[[@LINE+1]] in set_up
  weir_mutex_lock(&config);
  weir_mutex_unlock(&config);
  weir_mutex_unlock(&cache);
}

int main(void) {
  weir_chan(int) done = weir_chan_make(int, 1);
#ifdef FIXED
  set_up();
#endif
  weir_go(work, done);
  hidden_wait(1);
#ifndef FIXED
  set_up();
#endif
  weir_recv(done, NULL);
#ifdef FIXED
  set_up();
#endif
}
