// SPDX-License-Identifier: Apache-2.0
//
// parked [-d DIVISOR] N: starts N goroutines that all wait on one channel at once, then lets them
// end, and counts that N did. parked.go is its Go twin. Prints
//
//   parked-N-memory   bytes that each one holds, page tables included
//   parked-N-start    ns for each, until all of them wait
//   parked-N-wake     ns for each, until all of them have ended
#include "bench.h"
#include <stdatomic.h>
#include <weir/weir.h>

static weir_wg ready, ended;
static weir_chan(char) gate;
static atomic_long woken;

static void waits(void) {
  weir_wg_done(&ready);
  weir_recv(gate, NULL);
  atomic_fetch_add_explicit(&woken, 1, memory_order_relaxed);
  weir_wg_done(&ended);
}

static int measure(long n, const char *name) {
  gate = weir_chan_make(char, 0);
  weir_wg_add(&ready, (int)n), weir_wg_add(&ended, (int)n);
  long before = bench_memory();
  int64_t t = bench_now();
  for (long i = 0; i < n; i++)
    weir_go(waits);
  weir_wg_wait(&ready);
  int64_t started = bench_now();
  long after = bench_memory();
  int64_t opened = bench_now();
  weir_close(gate);
  weir_wg_wait(&ended);
  int64_t over = bench_now();
  if (atomic_load_explicit(&woken, memory_order_relaxed) != n) {
    fprintf(stderr, "parked: only %ld of %ld goroutines woke\n", (long)woken, n);
    return 1;
  }
  bench_report(name, "-memory", 1024.0 * (double)(after - before) / (double)n);
  bench_report(name, "-start", (double)(started - t) / (double)n);
  bench_report(name, "-wake", (double)(over - opened) / (double)n);
  return 0;
}

int main(int argc, char **argv) {
  int first = bench_options(argc, argv);
  long n = argc == first + 1 ? atol(argv[first]) : 0;
  if (n < 1 || n > 100000000) {
    fprintf(stderr, "usage: parked [-d DIVISOR] N\n");
    return 2;
  }
  char name[40];
  snprintf(name, sizeof name, "parked-%ld", n);
  return measure(bench_count(n), name);
}
