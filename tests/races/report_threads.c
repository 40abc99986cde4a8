// SPDX-License-Identifier: Apache-2.0
//
// Threads that never use Weir: each has an id, the name that it was given, and where it was
// created.
//
// REQUIRES: races
// RUN: %weircc -g -O1 -I %S/../bugs/Inputs %s -o %t && not %t 2>&1 | FileCheck %s
#include <pthread.h>
#include <stdlib.h>

#include "hidden.h"

int pthread_setname_np(pthread_t thread, const char *name); // by _GNU_SOURCE
int x;
static pthread_t one, two, middle;

static void start(pthread_t *thread, void *(*fn)(void *)) {
  if (pthread_create(thread, NULL, fn, NULL) != 0) abort(); // START
}

// CHECK: thread [[LATE:[0-9]+]] wrote {{.*}} while thread [[EARLY:[0-9]+]] (counter) wrote it
// CHECK: Write of size 4 at {{.*}} by thread [[LATE]]:
// CHECK: Previous write of size 4 at {{.*}} by thread [[EARLY]] (counter):
// CHECK: thread [[LATE]] is running
// CHECK: created by start
// CHECK: thread [[EARLY]] (counter) has finished
// CHECK: created by start in goroutine 1
static void *early(void *unused) {
  pthread_setname_np(pthread_self(), "counter");
  x = 1;
  hidden_post();
  return unused;
}
static void *late(void *unused) {
  x = 2;
  return unused;
}
static void *create(void *unused) {
  start(&two, late);
  pthread_join(two, NULL);
  return unused;
}

int main(void) {
  start(&one, early);
  hidden_wait(1);
  start(&middle, create);
  pthread_join(middle, NULL);
  pthread_join(one, NULL);
  return 0;
}
