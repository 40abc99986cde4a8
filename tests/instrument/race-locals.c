// SPDX-License-Identifier: Apache-2.0
//
// Parts of local variables are checked, also where nothing but the variable as a whole is given to
// another thread; what nobody else can reach is not. (-fsanitize=thread of clang 19 sees none.)
// REQUIRES: races
// RUN: rm -rf %t && mkdir %t
// RUN: for how in -O0 -O1 -O2 '-O3 -flto'; do \
// RUN:   %clang $how -g -fplugin=%weir_plugin -c %s -o %t/o || exit 1; \
// RUN:   %clang -fsanitize=thread -pthread $how %t/o -o %t/run || exit 1; \
// RUN:   for n in 0 1 2 3; do %t/run $n || { echo "$how: $n missed"; exit 1; }; done; \
// RUN:   for n in 4 5; do ! %t/run $n || { echo "$how: $n reported"; exit 1; }; done; \
// RUN: done
// RUN: %clang -O1 -fplugin=%weir_plugin -S -emit-llvm %s -o - | FileCheck %s
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct task {
  char pad;
  long count;
  struct __attribute__((packed)) {
    char c;
    long odd;
  } packed;
};
typedef void *thread_main(void *);
static bool reported;
static volatile long sink;
void __tsan_on_report(void *report);
void __tsan_on_report(void *report) {
  (void)report;
  reported = true;
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
  return "exitcode=0:atexit_sleep_ms=0";
}

static void *add(void *task) {
  ((struct task *)task)->count++;
  return NULL;
}
static void *add_odd(void *task) {
  ((struct task *)task)->packed.odd++;
  return NULL;
}
static void *set(void *element) {
  *(int *)element = 1;
  return NULL;
}
static pthread_t start(thread_main *fn, void *arg) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, fn, arg) != 0) abort();
  return thread;
}

static long field(thread_main *fn, bool join_first) {
  struct task task = {0};
  pthread_t other = start(fn, &task);
  if (join_first) pthread_join(other, NULL);
  if (fn == add) task.count++;
  if (fn == add_odd) task.packed.odd++;
  if (!join_first) pthread_join(other, NULL);
  return task.count + task.packed.odd;
}
static int element(int n, bool join_first) {
  int results[4] = {0}, sum = 0;
  pthread_t other = start(set, &results[n]);
  if (join_first) pthread_join(other, NULL);
  for (int i = 0; i < 4; i++)
    sum += results[i];
  if (!join_first) pthread_join(other, NULL);
  return sum;
}

// CHECK-LABEL: define{{.*}} @own(
// CHECK-NOT: __tsan_{{read|write}}
// CHECK: ret
int own(int n);
int own(int n) {
  volatile int choice = n & 3; // so that the array stays one
  int table[4] = {n, n + 1, n * 2, 7};
  table[choice] = 3;
  return table[n & 3];
}

int main(int argc, char **argv) { // 0: reported
  (void)argc;
  switch (atoi(argv[1])) {
  case 0:
    sink = field(add, false);
    break;
  case 1:
    sink = field(add_odd, false);
    break;
  case 2:
    sink = element(0, false);
    break;
  case 3:
    sink = element(2, false);
    break;
  case 4:
    sink = field(add, true), sink = field(add_odd, true);
    break;
  case 5:
    sink = element(2, true);
    break;
  }
  return !reported;
}
