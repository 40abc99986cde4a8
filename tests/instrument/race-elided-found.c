// SPDX-License-Identifier: Apache-2.0
//
// A race at a place whose check was left out or moved is found, whoever comes first;
// where there is no race none is reported. The same with the checks of
// -fsanitize=thread, to show that each case is what it says; at -O1, because it does not
// see the wide vectors of -O2.
// REQUIRES: races
// RUN: rm -rf %t && mkdir %t
// RUN: for how in -O2 '-O3 -fPIC -mavx2' '-O1 -fplugin-arg-weir-race=stock'; do \
// RUN:   %clang $how -g -fplugin=%weir_plugin -c %s -o %t/o || exit 1; \
// RUN:   %clang -fsanitize=thread -pthread %t/o -o %t/run || exit 1; \
// RUN:   %t/run > %t/out 2> %t/err || { echo "$how:"; grep WRONG %t/err; exit 1; }; \
// RUN:   FileCheck %s < %t/out || exit 1; \
// RUN: done
// CHECK: {{[1-9][0-9]}} races found, {{[1-9][0-9]*}} silent
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
#define HIDDEN __attribute__((disable_sanitizer_instrumentation, noinline))

enum { N = 96 };
static long data[N];
static _Atomic(long *) published;
static sem_t sem;
static _Thread_local volatile long sink;
static _Thread_local volatile int twelve = 12;

// --- what one side does; `data` is what the other side touches ---------------------
NOINLINE static void write_read(long *p) {
  p[1] = 1;
  sink = p[1];
}
NOINLINE static void read_read(long *p) {
  long a = p[1];
  memcpy(p + 40, p + 50, 8 * sizeof *p);
  p[3] = a + p[1];
}
NOINLINE static void either_write(long *p) {
  if (p[1] > 5)
    p[1] = 3;
  else
    p[1] = 4;
}
NOINLINE static void int_in_long(long *p) {
  p[1] = 1;
  __asm__("" : : : "memory");
  ((int *)p)[3] = 2;
}
NOINLINE static void sum(long *p) {
  long s = 0;
  for (int i = 0; i < N / 2; i++)
    s += p[i];
  sink = s;
}
NOINLINE static void fill_bytes(char *p, int n) {
  for (int i = 0; i < n; i++)
    p[i] = (char)(i * i);
}
static void fill(long *p) {
  fill_bytes((char *)p, N / 2 * 8);
}
NOINLINE static void backwards(long *p) {
  for (int i = N / 2 - 1; i >= 0; i--)
    p[i] = i ^ 5;
}
NOINLINE static void shift(float *p, int n) {
  for (int i = 1; i < n; i++)
    p[i] = p[i - 1] * 2 + p[i + 1];
}
static void stencil(long *p) {
  shift((float *)p, N);
}
NOINLINE static void columns(long *p) {
  long s = 0;
  for (int x = 0; x < 6; x++)
    for (int y = 0; y < 8; y++)
      s += p[y * 6 + x] >> x;
  sink = s;
}
NOINLINE static void until(long *p, long *end, const long *step) {
  for (; p < end; p++)
    *p += *step;
}
static void pointers(long *p) {
  until(p, p + N / 2, p + N / 2);
}
NOINLINE static void block(long *p) {
  (void)p;
  long *q = malloc(2 * sizeof *q);
  q[0] = q[1] = 1;
  atomic_store_explicit(&published, q, memory_order_relaxed);
}
NOINLINE static void block_later(long *p) {
  (void)p;
  long *q = malloc(2 * sizeof *q);
  sem_post(&sem);
  q[0] = q[1] = 1;
  atomic_store_explicit(&published, q, memory_order_relaxed);
}
NOINLINE static void after_post(long *p) {
  p[1] = 1;
  sem_post(&sem);
  p[1] = 2;
}
NOINLINE static void loop_post(long *p) {
  for (int i = 0; i < 8; i++) {
    p[1] = i;
    if (i == 6) sem_post(&sem);
  }
}

NOINLINE static void halves(long *p, const int *ends, int n) {
  for (int i = 0; i < n && ends[i] != 3; i++) {
    ((int *)p)[i * 2 & 3] = i; // the lower half of p[0] or p[1]
    if (p[i & 1] < 0) break;
  }
}
static void half_written(long *p) { // that the half is known does not make all known
  halves(p, (int *)(p + 40), twelve);
}
NOINLINE static void ints(int *p, const int *ends, int n) {
  for (int i = 0; i < n && ends[i] != 3; i++)
    p[i & 3] = i;
}
static void all_ints(long *p) { // nor that another part of the 8 bytes is
  ints((int *)p, (int *)(p + 40), twelve);
}
NOINLINE static long reads(long *p, const int *ends, int n) {
  long s = 0;
  for (int i = 0; i < n && ends[i] != 3; i++) {
    s += p[i & 1];
    if (i == 9) p[i & 1] = s | 1;
  }
  return s;
}
static void read_before(long *p) { // nor does a read make a write known
  sink = reads(p, (int *)(p + 40), twelve);
}
NOINLINE static void posts(long *p, const int *ends, int n) {
  for (int i = 0; i < n && ends[i] != 3; i++) {
    p[i & 1] = i;
    if (i == 9) sem_post(&sem);
  }
}
static void known_before(long *p) { // what was known before a release is not after it
  posts(p, (int *)(p + 40), twelve);
}

// --- what it does without touching what the other side does ------------------------
NOINLINE static void find(const long *p, int n) {
  for (int i = 0; i < n; i++)
    if (p[i] == 77) break;
}
static void early_exit(long *p) { // p[20] is 77, the other side takes p[30]
  find(p, N);
}
NOINLINE static void spread(long *p, const long *where, int n) {
  for (int i = 0; i < n; i++)
    if (where[i]) p[i] = 1;
}
static void conditional(long *p) {
  static long where[N];
  where[2] = 1;
  spread(p, where, N);
}
NOINLINE static void even(long *p, int n) {
  for (int i = 0; i < n; i += 2)
    p[i] = i;
}
static void strided(long *p) {
  even(p, N);
}
NOINLINE static void count(long *p, int n) {
  for (int i = 0; i < n; i++)
    p[i]++;
}
static void no_iterations(long *p) {
  count(p, (int)sink * 0);
}
NOINLINE static void part(long *p) {
  count(p, 31);
}
NOINLINE static void waits(long *p) { // the other side writes p[1], then posts
  long s = p[2];
  for (int i = 0; i < 3; i++) {
    if (i == 1) sem_wait(&sem);
    if (i) s += p[1];
  }
  sink = s;
}

// --- the other side -----------------------------------------------------------------
static long *mine(void) {
  long *q = atomic_load_explicit(&published, memory_order_relaxed);
  return q ? q : data;
}
NOINLINE static void write1(void) {
  mine()[1] = 9;
}
NOINLINE static void read1(void) {
  sink = mine()[1];
}
NOINLINE static void write30(void) {
  data[31] = 9;
}
NOINLINE static void byte14(void) {
  ((char *)data)[14] = 9;
}
NOINLINE static void wait_read1(void) {
  sem_wait(&sem);
  sink = mine()[1];
}
NOINLINE static void write1_post(void) {
  data[1] = 9;
  sem_post(&sem);
}

static const struct test {
  const char *name;
  void (*code)(long *);
  void (*other)(void);
  int races; // 1: in any order; 2: code comes first; 3: the other
} tests[] = {
    {"write_read", write_read, write1, 1},
    {"write_read/r", write_read, read1, 1},
    {"read_read", read_read, write1, 1},
    {"either_write", either_write, write1, 1},
    {"either_write/r", either_write, read1, 1},
    {"int_in_long", int_in_long, byte14, 1},
    {"sum", sum, write1, 1},
    {"sum/31", sum, write30, 1},
    {"sum/byte", sum, byte14, 1},
    {"fill", fill, read1, 1},
    {"fill/31", fill, write30, 1},
    {"backwards", backwards, read1, 1},
    {"backwards/31", backwards, write30, 1},
    {"stencil", stencil, read1, 1},
    {"stencil/31", stencil, write30, 1},
    {"columns", columns, write1, 1},
    {"columns/31", columns, write30, 1},
    {"pointers", pointers, read1, 1},
    {"pointers/31", pointers, write30, 1},
    {"block", block, read1, 2},
    {"block_later", block_later, wait_read1, 2},
    {"after_post", after_post, wait_read1, 2},
    {"loop_post", loop_post, wait_read1, 2},
    {"half_written", half_written, byte14, 1},
    {"all_ints", all_ints, byte14, 1},
    {"read_before", read_before, read1, 1},
    {"known_before", known_before, wait_read1, 2},
    {"early_exit", early_exit, write30, 0},
    {"conditional", conditional, write30, 0},
    {"strided", strided, write30, 0},
    {"no_iterations", no_iterations, write1, 0},
    {"part", part, write30, 0},
    {"waits", waits, write1_post, -1},
};

// --- running them ---------------------------------------------------------------------
static const struct test *now;
static int turn, first;
static int reports; // in this process

#ifndef WITH_LIBWEIR // which defines these and makes the status 66
const char *__tsan_default_options(void) {
  return "symbolize=0:atexit_sleep_ms=0:exitcode=0";
}
void __tsan_on_report(void *report) {
  (void)report;
  reports++;
}
#endif

HIDDEN static void wait_for(int n) {
  while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) < n)
    sched_yield();
}
HIDDEN static void advance(void) {
  __atomic_fetch_add(&turn, 1, __ATOMIC_SEQ_CST);
}

static void *run_code(void *arg) {
  wait_for(first == 0 ? 0 : 1);
  now->code(data);
  advance();
  return arg;
}
static void *run_other(void *arg) {
  wait_for(first == 1 ? 0 : 1);
  now->other();
  advance();
  return arg;
}

static int race(const struct test *t, int order) {
  pthread_t threads[2];
  data[20] = 77;
  sem_init(&sem, 0, 0);
  now = t, first = order;
  pthread_create(&threads[0], NULL, run_code, NULL);
  pthread_create(&threads[1], NULL, run_other, NULL);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  return reports;
}

// In a process of its own, since no race is reported twice.
static int reported(size_t test, int order) {
  char arguments[2][8];
  int status;
  snprintf(arguments[0], sizeof arguments[0], "%zu", test);
  snprintf(arguments[1], sizeof arguments[1], "%d", order);
  pid_t child = vfork();
  if (child == 0) {
    execl("/proc/self/exe", "race", arguments[0], arguments[1], (char *)NULL);
    _exit(127);
  }
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) % 65 > 1) abort();
  return WEXITSTATUS(status) != 0;
}

int main(int argc, char **argv) {
  if (argc == 3) return race(&tests[atoi(argv[1])], atoi(argv[2])) > 0;
  int found = 0, silent = 0, wrong = 0;
  for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
    for (int order = 0; order < 2; order++) {
      const struct test *t = &tests[i];
      if (t->races > 1 && t->races != 2 + order) continue;
      if (t->races < 0 && order == 0) continue; // code waits for the other
      int got = reported(i, order), want = t->races > 0;
      found += got, silent += !got;
      if (got == want) continue;
      fprintf(stderr, "WRONG: %s, order %d: %s\n", t->name, order, got ? "reported" : "missed");
      wrong++;
    }
  printf("%d races found, %d silent\n", found, silent);
  return wrong;
}
