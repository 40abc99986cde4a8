// SPDX-License-Identifier: Apache-2.0
//
// A flood of requests, each in a goroutine of its own, and each a millisecond of work: the one
// that keeps the books comes round once per flood. The fixed twin lets in a few at a time.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=starvation_ms=400:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: starvation
// CHECK: has been runnable and has not run for
// CHECK-SAME: while others ran
#include <stdatomic.h>
#include <weir/weir.h>

#include "compute.h"

#ifdef FIXED
enum { REQUESTS = 400, AT_ONCE = 4 };
#else
enum { REQUESTS = 4000, AT_ONCE = REQUESTS };
#endif

static weir_sem slots = WEIR_SEM(AT_ONCE);
static atomic_bool over;

static void keep_books(void) {
  while (!atomic_load(&over))
    weir_yield();
}

static void request(void) {
  compute(1);
  weir_sem_release(&slots, 1);
}

int main(void) {
  weir_wg books = {0}, all = {0};
  weir_wg_go(&books, keep_books);
  for (int i = 0; i < REQUESTS; i++) {
    weir_sem_acquire(&slots, NULL, 1);
    // CHECK-DAG: flood.c:[[#@LINE+1]]
    weir_wg_go(&all, request);
  }
  weir_wg_wait(&all);
  atomic_store(&over, true);
  weir_wg_wait(&books);
}
