// SPDX-License-Identifier: Apache-2.0
//
// leak [-d DIVISOR] NAME N MIB: what a leak check costs while N goroutines wait, one in a thousand
// of them leaked, beside MIB megabytes of small blocks that point to each other at random. Counts
// that exactly the leaked ones are found (a stale word may hide one for a while), three times, and
// prints the median
//
//   NAME-pause    ns that the program stood still
//   NAME-answer   ns until the number was known
//
// A thread that sleeps for a fifth of a millisecond at a time is the witness of the pause: the
// longest time from one wake-up to the next. What else keeps it from running, a busy machine say,
// is in the figure, too.
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>
#include <weir/weir.h>

enum { TIMES = 3, TRIES = 12, BLOCK_MEAN = 128, OUT_OF = 1000, NAP_NS = 200000 };

struct block {
  struct block *left, *right;
  char rest[];
};

static struct block **blocks; // all of them can be reached
static long n_blocks;
static weir_chan(int) gate;
static weir_wg started, made;

static uint64_t random_below(uint64_t n) {
  static uint64_t state = 0x9e3779b97f4a7c15u;
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state % n;
}

static void fill_heap(long mib) {
  n_blocks = (mib << 20) / BLOCK_MEAN;
  blocks = malloc((size_t)n_blocks * sizeof *blocks);
  for (long i = 0; i < n_blocks; i++)
    if (!(blocks[i] = calloc(1, sizeof **blocks + random_below(2 * BLOCK_MEAN - 48)))) exit(3);
  for (long i = 0; i < n_blocks; i++) {
    blocks[i]->left = blocks[random_below((uint64_t)n_blocks)];
    blocks[i]->right = blocks[random_below((uint64_t)n_blocks)];
  }
}

static void waits(weir_chan(int) on) {
  weir_wg_done(&started);
  weir_recv(on, NULL);
}

// In goroutines of their own, which end: nothing of theirs is left in main's frame.
static void start_some(long n, long first) {
  for (long i = first; i < first + n; i++)
    weir_go(waits, i % OUT_OF ? gate : weir_chan_make(int, 0));
  weir_wg_done(&made);
}

static void start_all(long n) {
  gate = weir_chan_make(int, 0);
  weir_wg_add(&started, (int)n);
  for (long i = 0; i < n; i += OUT_OF) {
    weir_wg_add(&made, 1);
    weir_go(start_some, n - i < OUT_OF ? n - i : OUT_OF, i);
  }
  weir_wg_wait(&made);
  weir_wg_wait(&started);
}

static atomic_bool over;
static _Atomic int64_t longest;

static void *witness(void *arg) {
  (void)arg;
  for (int64_t last = bench_now(); !atomic_load(&over);) {
    nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    int64_t now = bench_now();
    if (now - last > atomic_load(&longest)) atomic_store(&longest, now - last);
    last = now;
  }
  return NULL;
}

static int by_size(const void *a, const void *b) {
  return *(const double *)a > *(const double *)b ? 1 : -1;
}

static bool measure(long leaked, const char *name) {
  double pause[TIMES], answer[TIMES];
  for (int times = 0, tries = 0; times < TIMES; tries++) {
    atomic_store(&longest, 0);
    int64_t t = bench_now();
    long found = weir_leak_check();
    answer[times] = (double)(bench_now() - t);
    pause[times] = (double)atomic_load(&longest);
    times += found == leaked;
    if (found <= leaked && tries < TRIES) continue;
    fprintf(stderr, "leak: %ld found of %ld\n", found, leaked);
    return false;
  }
  qsort(pause, TIMES, sizeof *pause, by_size);
  qsort(answer, TIMES, sizeof *answer, by_size);
  bench_report(name, "-pause", pause[TIMES / 2]);
  bench_report(name, "-answer", answer[TIMES / 2]);
  return true;
}

int main(int argc, char **argv) {
  int first = bench_options(argc, argv);
  if (argc != first + 3) {
    fprintf(stderr, "usage: leak [-d DIVISOR] NAME N MIB\n");
    return 2;
  }
  long n = bench_count(atol(argv[first + 1]));
  fill_heap(bench_count(atol(argv[first + 2])));
  start_all(n);
  pthread_t thread;
  pthread_create(&thread, NULL, witness, NULL);
  bool ok = measure((n + OUT_OF - 1) / OUT_OF, argv[first]);
  atomic_store(&over, true);
  pthread_join(thread, NULL);
  fflush(stdout);
  _exit(!ok); // what waits at the end is meant to
}
