// SPDX-License-Identifier: Apache-2.0
//
// One asks with the lock of the cache in hand for what another looks up just now; the look-up puts
// what it found into the cache, for which it needs the lock.
//
// RUN: env CERTAINTY=observed RUN_OPTIONS=halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: partial deadlock
// CHECK: use) is waiting for another goroutine's call for the same key
// CHECK-SAME: which only goroutine {{[0-9]+}} (refresh) could end
#include <stdatomic.h>
#include <stdlib.h>
#include <weir/weir.h>

static weir_singleflight flights;
static weir_mutex cache;
static atomic_bool under_way, locked;
static int value;

static void *look_up(void *arg) {
  atomic_store(&under_way, true);
  while (!atomic_load(&locked))
    weir_yield();
  // CHECK-DAG: flight_within_lock.c:[[@LINE+1]]
  weir_mutex_lock(&cache);
  value++;
  weir_mutex_unlock(&cache);
  return arg;
}

static void refresh(void) {
  weir_singleflight_do(&flights, "config", look_up, &value, NULL);
}

static void use(void) {
  while (!atomic_load(&under_way))
    weir_yield();
  weir_mutex_lock(&cache);
  atomic_store(&locked, true);
#ifdef FIXED
  weir_mutex_unlock(&cache);
#endif
  // CHECK-DAG: flight_within_lock.c:[[@LINE+1]]
  weir_singleflight_do(&flights, "config", look_up, &value, NULL);
#ifndef FIXED
  weir_mutex_unlock(&cache);
#endif
}

int main(void) {
  weir_wg both = {0};
  weir_wg_go(&both, refresh);
  weir_wg_go(&both, use);
#ifdef FIXED
  weir_wg_wait(&both);
#else
  while (weir_leak_check() >= 0) // which ends the program when it reports
    weir_yield();
#endif
  return 0;
}
