// SPDX-License-Identifier: Apache-2.0
//
// main waits for the workers before it receives their results; the workers cannot end before
// somebody receives. Those that are alike are counted in one block.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: deadlock
// CHECK-DAG: goroutine 1 [sync.WaitGroup.Wait]:
// CHECK-DAG: 4 goroutines alike
// CHECK-DAG: [chan send]:
#include <weir/weir.h>

enum { WORKERS = 4 };
static volatile int workers = WORKERS; // a loop that is not unrolled starts all in one place

static void work(weir_chan(int) results, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  // CHECK-DAG: wait_group_and_channel.c:[[@LINE+1]]
  weir_send(results, 1);
}

static void close_when_done(weir_chan(int) results, weir_wg *wg) {
  weir_wg_wait(wg);
  weir_close(results);
}

int main(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, WORKERS);
  for (int i = 0; i < workers; i++)
    weir_go(work, results, &wg);
#ifdef FIXED
  weir_go(close_when_done, results, &wg);
#else
  (void)close_when_done;
  // CHECK-DAG: wait_group_and_channel.c:[[@LINE+1]]
  weir_wg_wait(&wg);
#endif
  int r, sum = 0;
  while (weir_recv(results, &r))
    sum += r;
  return sum == WORKERS ? 0 : 1;
}
