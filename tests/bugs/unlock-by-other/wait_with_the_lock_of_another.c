// SPDX-License-Identifier: Apache-2.0
//
// A wait on a condition without the lock, while another goroutine happens to hold it: the wait
// gives that one's lock away. The twin takes it.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: unlock by other {{.*}} [predicted]
#include "hidden.h"

static weir_mutex mu; // guards ready
static weir_cond changed;
static bool ready;

static void consume(void) {
#ifdef FIXED
  weir_mutex_lock(&mu);
  while (!ready)
#else
  hidden_wait(1);
#endif
    // CHECK-DAG: wait_with_the_lock_of_another.c:[[@LINE+1]]
    weir_cond_wait(&changed, &mu);
  weir_mutex_unlock(&mu);
}

static void produce(void) {
  // CHECK-DAG: wait_with_the_lock_of_another.c:[[@LINE+1]]
  weir_mutex_lock(&mu);
  hidden_post();
#ifndef FIXED
  while (!weir_mutex_trylock(&mu)) // the wait gives it away
    weir_yield();
#endif
  ready = true;
  weir_cond_signal(&changed);
  weir_mutex_unlock(&mu);
}

int main(void) {
  weir_wg all = {0};
  weir_wg_go(&all, produce);
  weir_wg_go(&all, consume);
  weir_wg_wait(&all);
  return 0;
}
