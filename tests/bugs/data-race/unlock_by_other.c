// SPDX-License-Identifier: Apache-2.0
//
// As in Go, a mutex may be unlocked by another goroutine than locked it, and that orders
// what came before the unlock with what comes after the next lock. A trylock that fails orders
// nothing.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: data race
#include "hidden.h"

static weir_mutex mu;
static int value;

static void unlocker(void) {
  value = 1;
#ifdef FIXED
  weir_mutex_unlock(&mu);
#else
  hidden_post();
#endif
}

int main(void) {
  weir_mutex_lock(&mu);
  weir_go(unlocker);
#ifdef FIXED
  weir_mutex_lock(&mu);
#else
  hidden_wait(1);
  if (weir_mutex_trylock(&mu)) return 2;
#endif
  // CHECK-DAG: Read of size 4
  // CHECK-DAG: unlock_by_other.c:[[@LINE+1]]
  return value == 1 ? 0 : 1;
}
