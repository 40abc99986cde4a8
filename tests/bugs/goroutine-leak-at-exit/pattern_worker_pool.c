// SPDX-License-Identifier: Apache-2.0
//
// The jobs of a pool are never closed, so its workers wait for more when main has all results.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: 3 goroutines were still blocked when main had returned: receiving from channel jobs
#include <weir/weir.h>

// One job for each, so that all are in the same round of the same loop.
enum { WORKERS = 3, JOBS = 3 };
static volatile int workers = WORKERS; // a loop that is not unrolled starts all in one place

static void work(weir_chan(int) jobs, weir_chan(int) results) {
  int j;
  // CHECK-DAG: pattern_worker_pool.c:[[@LINE+1]]
  while (weir_recv(jobs, &j))
    weir_send(results, j * j);
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 0);
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_wg working = {0};
  for (int i = 0; i < workers; i++)
    // CHECK-DAG: pattern_worker_pool.c:[[@LINE+1]]
    weir_wg_go(&working, work, jobs, results);
  for (int i = 0; i < JOBS; i++)
    weir_send(jobs, i);
#ifdef FIXED
  weir_close(jobs);
#endif
  int r, sum = 0;
  for (int i = 0; i < JOBS; i++)
    weir_recv(results, &r), sum += r;
#ifdef FIXED
  weir_wg_wait(&working);
#endif
  return sum == 5 ? 0 : 1;
}
