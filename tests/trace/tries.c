// SPDX-License-Identifier: Apache-2.0
//
// Tries that failed, maps, pools and flights are in a trace, and push nothing out of what a finding
// says of its goroutines.
//
// REQUIRES: runtime
// RUN: rm -rf %t.d && mkdir %t.d && cd %t.d && %weircc_plain -g -O1 %s -o prog
// RUN: (WEIR_OPTIONS=trace=t:recorder=1:procs=1:log_path=f ./prog 2>err; test $? = 66)
// RUN: %weir trace list t | FileCheck %s
// RUN: grep '"events"' f.* | not grep 'did not wait'
// RUN: %weir report show f.* | FileCheck %s --check-prefix=LAST
#include <stdlib.h>
#include <weir/weir.h>

static weir_mutex mu;
static weir_rwmutex rw;
static weir_sem units = WEIR_SEM(1);
static weir_pool pool = WEIR_POOL(int, NULL, NULL);
static weir_singleflight flights;

static void *nothing(void *arg) {
  return arg;
}

// LAST: received from channel jobs
// LAST: acquired semaphore units
int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 1), done = weir_chan_make(int, 0);
  weir_map(int, int) ages = weir_map_make(int, int);
  int n;
  weir_send(jobs, 1);
  weir_recv(jobs, &n);
  weir_mutex_lock(&mu);
  weir_rwmutex_lock(&rw);
  weir_sem_acquire(&units, NULL, 1);
  for (int i = 0; i < 20; i++) {
    // CHECK: goroutine 1 (main) did not wait for mu, tries.c:[[@LINE+1]] in main
    if (weir_mutex_trylock(&mu)) return 1;
    // CHECK-NEXT: goroutine 1 (main) did not wait for rw, tries.c:[[@LINE+1]] in main
    if (weir_rwmutex_trylock(&rw)) return 1;
    // CHECK-NEXT: goroutine 1 (main) did not wait for rw, tries.c:[[@LINE+1]] in main
    if (weir_rwmutex_tryrlock(&rw)) return 1;
    // CHECK-NEXT: goroutine 1 (main) did not wait for units, tries.c:[[@LINE+1]] in main
    if (weir_sem_try(&units, 1)) return 1;
    // CHECK-NEXT: goroutine 1 (main) did not wait for jobs, tries.c:[[@LINE+1]] in main
    if (weir_try_recv(jobs, &n, NULL)) return 1;
    // CHECK-NEXT: goroutine 1 (main) did not wait for done, tries.c:[[@LINE+1]] in main
    if (weir_try_send(done, 1)) return 1;
    // CHECK-DAG: goroutine 1 (main) did not wait for done, tries.c:[[@LINE+2]] in main
    // CHECK-DAG: goroutine 1 (main) did not wait for jobs, tries.c:[[@LINE+1]] in main
    if (weir_select(weir_on_recv(jobs, &n, NULL), weir_on_send(done, 1), weir_on_default()) >= 0)
      return 1;
  }
  // CHECK: goroutine 1 (main) used a map, tries.c:[[@LINE+1]] in main
  weir_map_store(ages, 1, 2);
  // CHECK: goroutine 1 (main) put an object into a pool, tries.c:[[@LINE+1]] in main
  weir_pool_put(&pool, &n);
  // CHECK-NEXT: goroutine 1 (main) got an object from a pool, tries.c:[[@LINE+1]] in main
  weir_pool_get(&pool);
  // CHECK-NEXT: goroutine 1 (main) used a singleflight, tries.c:[[@LINE+1]] in main
  weir_singleflight_do(&flights, "key", nothing, NULL, NULL);
  // CHECK-NEXT: goroutine 1 (main) waits: chan receive jobs, tries.c:[[@LINE+1]] in main
  weir_recv(jobs, NULL);
}
