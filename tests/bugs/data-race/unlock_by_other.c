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
  value = 1234567;
#ifdef FIXED
  weir_mutex_unlock(&mu);
#else
  hidden_post();
#endif
}

static void next(weir_chan(int) result) {
#ifdef FIXED
  weir_mutex_lock(&mu);
#else
  hidden_wait(1);
  if (weir_mutex_trylock(&mu)) return;
#endif
  // CHECK-DAG: Read of size
  // CHECK-DAG: unlock_by_other.c:[[@LINE+1]]
  weir_send(result, value);
}

int main(void) {
  weir_chan(int) result = weir_chan_make(int, 1);
  int seen;
  weir_mutex_lock(&mu);
  weir_go(next, result);
  weir_go(unlocker);
  weir_recv(result, &seen);
  return seen == 1234567 ? 0 : 1;
}
