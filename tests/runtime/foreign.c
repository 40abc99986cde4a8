// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// OS threads that Weir did not start use channels, select, locks, wait groups, timers and
// defers as goroutines do, with goroutines and with each other.
#include <pthread.h>

#include "check.h"

enum { THREADS = 4, N = 2000 };
static weir_chan(int) jobs, results;
static weir_mutex mu;
static weir_wg wg;
static long locked_sum;

static void note(int v) {
  weir_guard(&mu);
  locked_sum += v;
}

static void work(void) {
  weir_defer(weir_wg_done(&wg));
  int j;
  while (weir_recv(jobs, &j)) {
    note(j);
    weir_select(weir_on_send(results, j), weir_on_recv((weir_chan(int))NULL, NULL, NULL));
  }
}

static void *thread(void *arg) {
  (void)arg;
  weir_sleep(WEIR_US(100));
  weir_recv(weir_after(WEIR_US(100)), NULL);
  work();
  return NULL;
}

static void feed(void) {
  for (int i = 0; i < N; i++)
    weir_send(jobs, i);
  weir_close(jobs);
}
static void finish(void) {
  weir_wg_wait(&wg);
  weir_close(results);
}

int main(void) {
  jobs = weir_chan_make(int, 0);
  results = weir_chan_make(int, 4);
  pthread_t t[THREADS];
  weir_wg_add(&wg, 2 * THREADS);
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_create(&t[i], NULL, thread, NULL) == 0);
    weir_go(work);
  }
  weir_go(feed);
  weir_go(finish);
  long sum = 0;
  int v;
  while (weir_recv(results, &v))
    sum += v;
  CHECK_EQ(sum, (long)N * (N - 1) / 2);
  CHECK_EQ(locked_sum, sum);
  for (int i = 0; i < THREADS; i++)
    pthread_join(t[i], NULL);
}
