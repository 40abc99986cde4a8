// SPDX-License-Identifier: Apache-2.0
//
// A finding under weir run says what its goroutines did last: whole, in order, each with what led to
// it; without the recorder it says nothing of that.
//
// REQUIRES: runtime
// RUN: rm -rf %t.d && mkdir %t.d && cd %t.d && %weircc_plain -g -O1 %s -o prog
// RUN: not %weir run --log=found -- ./prog 2>err
// RUN: %python %src/tests/reports/inputs/validate.py %src/docs/finding.schema.json <found
// RUN: %weir report json found >named && %python %S/Inputs/events.py named | FileCheck %s
// RUN: WEIR_OPTIONS=recorder=0 not %weir run --log=none -- ./prog 2>err
// RUN: not grep '"events"' none
#include <weir/weir.h>

static weir_mutex mu;

// CHECK: 1 go 2
// CHECK-DAG: 2 start by 1 after 1 go 2
// CHECK-DAG: 1 call sent on channel jobs{{.*}} at main
// CHECK-DAG: 1 block chan send jobs at main
// CHECK-DAG: 2 call received from channel jobs{{.*}} at worker
// CHECK-DAG: 1 wake by 2 after 2 call {{.*}} jobs
// CHECK-DAG: 2 call locked mu at worker
// CHECK-DAG: 2 block chan send results at worker
// CHECK-DAG: 1 block sync.Mutex.Lock mu at main
static void worker(weir_chan(int) jobs, weir_chan(int) results) {
  int j;
  weir_recv(jobs, &j);
  weir_recv(jobs, &j);
  weir_mutex_lock(&mu);
  weir_recv(jobs, &j);
  weir_send(results, j);
}

int main(void) {
  weir_set_procs(1);
  weir_chan(int) jobs = weir_chan_make(int, 1), results = weir_chan_make(int, 0);
  weir_go(worker, jobs, results);
  for (int i = 0; i < 3; i++)
    weir_send(jobs, i);
  while (weir_mutex_trylock(&mu)) {
    weir_mutex_unlock(&mu);
    weir_yield();
  }
  weir_mutex_lock(&mu);
}
