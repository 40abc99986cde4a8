// SPDX-License-Identifier: Apache-2.0
//
// One context runs on a new OS thread after each switch and must see that thread's
// variables and errno; without the plugin it sees the first thread's.
// RUN: for how in '-O0' '-O1' '-O2' '-O3' '-O2 -fPIC -ftls-model=global-dynamic' '-O3 -flto -fuse-ld=lld' '-O2 -fno-inline'; do \
// RUN:   %clang $how -fplugin=%weir_plugin -fplugin-arg-weir-race=off -pthread %s -o %t || exit 1; %t || exit 1; \
// RUN: done
// RUN: %clang -O2 -fPIC -ftls-model=global-dynamic -pthread %s -o %t.without
// RUN: not %t.without | FileCheck %s
// CHECK-DAG: stale number
// CHECK-DAG: stale errno
// CHECK-DAG: stale marks
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

enum { THREADS = 12 };
static _Thread_local int number;         // of the thread, 1 up
static _Thread_local int marks[THREADS]; // written by the context
_Thread_local long shared_number;
static sem_t turn[THREADS + 2], end; // all threads live, and run one after the other
static ucontext_t context, carrier;
static int current, stale, *expected_errno;

#ifdef FIBER // for thread-local-race.c
void *__tsan_create_fiber(unsigned flags), *__tsan_get_current_fiber(void);
void __tsan_switch_to_fiber(void *fiber, unsigned flags);
static void *context_fiber, *carrier_fiber;
#define SWITCH(to) __tsan_switch_to_fiber(to, 0)
#define MAKE_FIBER() (context_fiber = __tsan_create_fiber(0))
#define NOTE_CARRIER() (carrier_fiber = __tsan_get_current_fiber())
#else
#define SWITCH(to) (void)0
#define MAKE_FIBER() (void)0
#define NOTE_CARRIER() (void)0
#endif

static void leave(void) {
  SWITCH(carrier_fiber);
  swapcontext(&context, &carrier);
}
static int leave_and_answer(int n) {
  leave();
  return n;
}
static void check(int ok, const char *what) {
  if (!ok) stale++, printf("thread %d: stale %s\n", current, what);
}

static void travel(void) {
  for (int *hold = &current;;) {
    check(number == *hold, "number");
    check(shared_number == *hold, "shared_number");
    check(&errno == expected_errno, "errno");
    errno = *hold;
    leave();
    check(number == *hold && shared_number == *hold, "number after a switch");
    check(&errno == expected_errno, "errno after a switch");
    marks[leave_and_answer(1)] = 7; // the subscript switches
  }
}

__attribute__((noinline, optnone)) static void carry(int n) {
  current = n;
  number = n;
  shared_number = n;
  expected_errno = &errno;
  marks[1] = 0;
  NOTE_CARRIER();
  SWITCH(context_fiber);
  swapcontext(&carrier, &context);
  if (n % 2 == 1 && n > 1) check(marks[1] == 7, "marks");
}
static void *thread(void *arg) {
  int n = (int)(intptr_t)arg;
  sem_wait(&turn[n]);
  carry(n);
  sem_post(&turn[n + 1]);
  sem_wait(&end);
  return NULL;
}

int main(void) {
  size_t size = 1 << 18;
  MAKE_FIBER();
  getcontext(&context);
  context.uc_stack.ss_sp = malloc(size);
  context.uc_stack.ss_size = size;
  makecontext(&context, travel, 0);
  pthread_t threads[THREADS];
  sem_init(&end, 0, 0);
  for (int n = 0; n <= THREADS + 1; n++)
    sem_init(&turn[n], 0, 0);
  for (int n = 1; n <= THREADS; n++)
    pthread_create(&threads[n - 1], NULL, thread, (void *)(intptr_t)n);
  sem_post(&turn[1]);
  sem_wait(&turn[THREADS + 1]);
  for (int n = 0; n < THREADS; n++)
    sem_post(&end);
  for (int n = 0; n < THREADS; n++)
    pthread_join(threads[n], NULL);
  return stale != 0;
}
