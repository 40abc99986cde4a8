// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_33293: An error is sent on the channel that the caller is to get: before he has it,
// nobody can receive.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: wait_for_container container_wait errors
#include <weir/weir.h>

static weir_wg waiters;

// Fails the first time.
static int attach(void) {
  static unsigned state = 1;
  int failed = state & 1;
  state = state * 1664525u + 1013904223u;
  return failed;
}

static weir_chan(int) container_wait(void) {
#ifdef FIXED
  weir_chan(int) errors = weir_chan_make(int, 1);
#else
  // CHECK-DAG: at moby_33293.c:[[@LINE+1]] in container_wait
  weir_chan(int) errors = weir_chan_make(int, 0);
#endif
  int error = attach();
  // CHECK-DAG: at moby_33293.c:[[@LINE+1]] in container_wait
  if (error) weir_send(errors, error);
  return errors;
}

static void wait_for_container(void) {
  weir_chan(int) errors = container_wait();
  if (!errors) weir_yield();
  weir_wg_done(&waiters);
}

int main(void) {
  weir_wg_add(&waiters, 1);
  // CHECK-DAG: moby_33293.c:[[@LINE+1]]:
  weir_go(wait_for_container);
#ifdef FIXED
  weir_wg_wait(&waiters);
#endif
  return 0;
}
