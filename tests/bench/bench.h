// SPDX-License-Identifier: Apache-2.0
//
// What the benchmark programs share; bench.go is its Go twin. A program is called as
//
//   PROGRAM [-c] [-d DIVISOR] ARGUMENT...
//
// and prints "name value" lines. Beside a time it may print, for the reasons behind it, per
// operation: name-faults (first touches of a page), name-kernel (nanoseconds of CPU time spent
// there) and name-switches (of threads). -c measures CPU time of the process, all threads together,
// not wall time: with one worker that never waits both are the same on a quiet machine, and on
// a busy one only CPU time means anything. -d divides all counts, for a test that only wants to
// see the program run.
#ifndef WEIR_TESTS_BENCH_H
#define WEIR_TESTS_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static clockid_t bench_clock = CLOCK_MONOTONIC;
static long bench_divisor = 1;

static inline int64_t bench_now(void) {
  struct timespec t;
  clock_gettime(bench_clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct bench_span {
  int64_t started, elapsed;
  struct rusage usage; // at the start
  double kernel, faults, switches;
};

static inline double bench_kernel(const struct rusage *u) {
  return 1e9 * (double)u->ru_stime.tv_sec + 1e3 * (double)u->ru_stime.tv_usec;
}

static inline void bench_start(struct bench_span *s) {
  getrusage(RUSAGE_SELF, &s->usage);
  s->started = bench_now();
}

static inline void bench_stop(struct bench_span *s) {
  s->elapsed = bench_now() - s->started;
  struct rusage u, *old = &s->usage;
  getrusage(RUSAGE_SELF, &u);
  s->kernel = bench_kernel(&u) - bench_kernel(old);
  s->faults = (double)(u.ru_minflt - old->ru_minflt);
  s->switches = (double)(u.ru_nvcsw + u.ru_nivcsw - old->ru_nvcsw - old->ru_nivcsw);
}

static inline long bench_count(long n) {
  return n / bench_divisor > 0 ? n / bench_divisor : 1;
}

// Index of the first argument that is no option.
static inline int bench_options(int argc, char **argv) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-'; i++)
    if (strcmp(argv[i], "-c") == 0)
      bench_clock = CLOCK_PROCESS_CPUTIME_ID;
    else if (strcmp(argv[i], "-d") == 0 && i + 1 < argc && atol(argv[i + 1]) > 0)
      bench_divisor = atol(argv[++i]);
    else
      break;
  return i;
}

static inline void bench_report(const char *name, const char *what, double value) {
  printf("%s%s %.4f\n", name, what, value);
  fflush(stdout);
}

static inline void bench_report_span(const char *name, const struct bench_span *s, double n) {
  bench_report(name, "", (double)s->elapsed / n);
  bench_report(name, "-kernel", s->kernel / n);
  bench_report(name, "-faults", s->faults / n);
  bench_report(name, "-switches", s->switches / n);
}

struct bench_case {
  const char *name;
  void (*run)(long n, int arg);
  long n; // operations
  int arg;
  bool whole; // the figure is that of all n together
};

static inline bool bench_wanted(const char *name, char **names) {
  if (!*names) return true;
  for (; *names; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

// Runs the cases of these names, or all, each after a tenth of its work unmeasured.
static inline void bench_cases(const struct bench_case *cases, size_t count, char **names) {
  for (const struct bench_case *c = cases; c < cases + count; c++) {
    if (!bench_wanted(c->name, names)) continue;
    long n = bench_count(c->n);
    c->run(n / 10, c->arg);
    struct bench_span span;
    bench_start(&span);
    c->run(n, c->arg);
    bench_stop(&span);
    bench_report_span(c->name, &span, c->whole ? 1 : (double)n);
  }
}

// Resident kilobytes of the process, with its page tables.
static inline long bench_memory(void) {
  char line[256];
  long sum = 0, kb;
  FILE *f = fopen("/proc/self/status", "r");
  if (!f) perror("/proc/self/status"), exit(2);
  while (fgets(line, sizeof line, f))
    if (sscanf(line, "VmRSS: %ld", &kb) == 1 || sscanf(line, "VmPTE: %ld", &kb) == 1) sum += kb;
  fclose(f);
  return sum;
}

#endif
