// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// A file that makes recursive mutexes may lock them twice; Weir's are never recursive.
#define _GNU_SOURCE
#include <pthread.h>
#include <weir/weir.h>

static pthread_mutex_t nested;
static weir_mutex plain;
static int n;

void init(void) {
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&nested, &attr);
}
static void inner(void) {
  pthread_mutex_lock(&nested);
  n++;
  pthread_mutex_unlock(&nested);
}
void outer(void) {
  pthread_mutex_lock(&nested);
  inner();
  pthread_mutex_unlock(&nested);
}
void of_weir(void) {
  weir_mutex_lock(&plain);
  weir_mutex_lock(&plain); // expect: double-lock 'plain' is locked again
  weir_mutex_unlock(&plain);
}
