// SPDX-License-Identifier: Apache-2.0
//
// The same for the write side of an rwmutex; the twin hands it over by a C11 atomic.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: unlock by other {{.*}} [predicted]
// CHECK: unlocked rwmutex table at
#include "hidden.h"
#include <stdatomic.h>

static weir_rwmutex table;
static atomic_bool locked;

static void rebuild(void) {
  // CHECK-DAG: rwmutex_writer.c:[[@LINE+1]]
  weir_rwmutex_lock(&table);
  atomic_store_explicit(&locked, true, memory_order_release);
  hidden_post();
}

static void publish(void) {
  hidden_wait(1);
#ifdef FIXED
  while (!atomic_load_explicit(&locked, memory_order_acquire))
    weir_yield();
#endif
  // CHECK-DAG: rwmutex_writer.c:[[@LINE+1]]
  weir_rwmutex_unlock(&table);
  hidden_post();
}

int main(void) {
  weir_go(rebuild);
  weir_go(publish);
  hidden_wait(2);
  return 0;
}
