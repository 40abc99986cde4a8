// SPDX-License-Identifier: Apache-2.0
//
// GoKer's cockroach_9935: The error path locks what its caller holds.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock deadlock goroutine-leak goroutine-leak-at-exit
// names: writer mu exit_
#include <stdlib.h>
#include <weir/weir.h>

static weir_mutex mu;
static weir_wg wg;

static int create(void) {
  int r = rand() % 8;
  return r != 0 && r != 4;
}

static void exit_(void) {
  weir_guard(&mu);
}

static void writer(void) {
  weir_mutex_lock(&mu);
  int err = create();
#ifdef FIXED
  weir_mutex_unlock(&mu);
  if (err) exit_();
#else
  if (err) exit_();
  weir_mutex_unlock(&mu);
#endif
  weir_wg_done(&wg);
}

int main(void) {
  weir_wg_add(&wg, 1);
  weir_go(writer);
#ifdef FIXED
  weir_wg_wait(&wg);
#endif
  return 0;
}
