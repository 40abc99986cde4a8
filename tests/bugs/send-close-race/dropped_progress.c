// SPDX-License-Identifier: Apache-2.0
//
// Progress is reported where there is room, else dropped: also a try that fails is a send, and
// would meet the closed channel the next time. The twin orders the two by C11 atomics.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc"
//
// CHECK: send close race {{.*}} [predicted]
// CHECK: Close by goroutine 1 (main)
// CHECK: Previous send by goroutine 2 (work)
#include "hidden.h"
#include <stdatomic.h>

static atomic_int finished;

static void work(weir_chan(int) progress) {
  weir_try_send(progress, 50);
  // CHECK-NEXT: dropped_progress.c:[[@LINE+1]]
  weir_try_send(progress, 100);
  atomic_store_explicit(&finished, 1, memory_order_release);
  hidden_post();
}

int main(void) {
  weir_chan(int) progress = weir_chan_make(int, 1);
  weir_go(work, progress);
  hidden_wait(1);
#ifdef FIXED
  while (!atomic_load_explicit(&finished, memory_order_acquire))
    weir_yield();
#endif
  weir_close(progress);
  weir_recv(progress, NULL);
  return 0;
}
