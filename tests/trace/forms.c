// SPDX-License-Identifier: Apache-2.0
//
// One trace in each of its forms, each read by another parser: what goroutines did is in all of them.
//
// REQUIRES: runtime
// RUN: rm -rf %t.d && mkdir %t.d && cd %t.d && %weircc_plain -g -O1 %s -o prog
// RUN: WEIR_OPTIONS=trace=t:procs=1 ./prog
// RUN: %weir trace summary t | FileCheck %s --check-prefix=SUMMARY
// RUN: %weir trace list t | FileCheck %s --check-prefix=LIST
// RUN: %weir trace list --goroutine=2 t | FileCheck %s --check-prefix=ONE
// RUN: %weir trace perfetto t --output=t.json && %weir trace perfetto t | cmp - t.json
// RUN: %python %S/Inputs/chrome.py t.json | FileCheck %s --check-prefix=CHROME
#include <weir/weir.h>

static weir_mutex mu;

// LIST: goroutine 1 (main) started goroutine 2, forms.c:[[#START:]] in main
// LIST: goroutine 2 (worker) begins
// LIST: goroutine 2 (worker) waits: chan receive jobs, forms.c:[[#]] in worker
// LIST: goroutine 1 (main) sent on channel jobs, forms.c:[[#]] in main
// LIST-NEXT: goroutine 2 (worker) is woken by goroutine 1
// LIST: goroutine 2 (tester) waits: sync.Mutex.Lock mu, forms.c:[[#]] in worker
// LIST: goroutine 1 (main) unlocked mu, forms.c:[[#]] in main
// LIST-NEXT: goroutine 2 (tester) is woken by goroutine 1
// LIST: goroutine 2 (tester) was done with wait group wg
// LIST: goroutine 2 (tester) ends
// ONE-NOT: goroutine 1 (main)
// ONE: goroutine 2 (tester) ends
// ONE-NOT: goroutine 1 (main)
//
// SUMMARY: forms.c.tmp.d/prog (pid [[#]]): {{.*}} events, 2 goroutines
// SUMMARY-NOT: come to its end
// SUMMARY-DAG: 1 {{.*}} chan receive jobs at forms.c:[[#]] in worker
// SUMMARY-DAG: ended 1 times by who sent on channel at forms.c:[[#]] in main
// SUMMARY-DAG: sync.Mutex.Lock mu at forms.c:[[#]] in worker
// SUMMARY-DAG: ended 1 times by who unlocked at forms.c:[[#]] in main
// SUMMARY-DAG: sleep at forms.c:[[#]] in main
// SUMMARY-DAG: ended 1 times by the clock
// SUMMARY: Goroutines by name
// SUMMARY-DAG: 1 main
// SUMMARY-DAG: 1 tester
// SUMMARY: worker 1
//
// CHROME: lanes: goroutine 1 (main), goroutine 2 (tester), worker 1
// CHROME-DAG: span: chan receive jobs: 1
// CHROME-DAG: span: sync.Mutex.Lock mu: 1
// CHROME-DAG: span: sleep: 1
// CHROME-DAG: span: goroutine 1 main:
// CHROME-DAG: call: locked mu: 2
// CHROME-DAG: call: sent on channel jobs: 3
// CHROME-DAG: call: received from channel jobs: 2
// CHROME-DAG: arrow: sent: 2
// CHROME-DAG: arrow: woke:
static void worker(weir_chan(int) jobs, weir_wg *wg) {
  int j;
  weir_defer(weir_wg_done(wg));
  weir_recv(jobs, &j);
  weir_set_name("tester");
  weir_recv(jobs, &j);
  weir_recv(jobs, &j);
  weir_mutex_lock(&mu);
  weir_mutex_unlock(&mu);
}

int main(void) {
  weir_chan(int) jobs = weir_chan_make(int, 2);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(worker, jobs, &wg);
  weir_sleep(1);
  weir_mutex_lock(&mu);
  weir_send(jobs, 1);
  weir_send(jobs, 2);
  weir_send(jobs, 3);
  while (weir_chan_len(jobs))
    weir_yield();
  weir_yield();
  weir_mutex_unlock(&mu);
  weir_wg_wait(&wg);
}
