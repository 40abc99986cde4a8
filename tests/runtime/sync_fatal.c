// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %weircc %s -o %t.i
// RUN: for w in unlock unlock-read runlock runlock-written \
// RUN:   mutex-twice unlock-twice runlock-twice; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=UNLOCK || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=UNLOCK || exit 1; done
// RUN: for w in cond cond-rw cond-read; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=COND || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=COND || exit 1; done
// RUN: for w in release release-more release-negative; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=RELEASE || exit 1; \
// RUN:   not %t.i $w 2>&1 | FileCheck %s --check-prefix=RELEASE || exit 1; done
// RUN: not %t capacity 2>&1 | FileCheck %s --check-prefix=CAPACITY
//
// Misuse of rwmutex, condition variable and semaphore ends the program.
#include <string.h>

#include "check.h"

static weir_mutex mu;
static weir_rwmutex rw;
static weir_cond cond;
static weir_sem sem = WEIR_SEM(3);

static void unlocks(const char *what) {
  if (!strcmp(what, "unlock")) weir_rwmutex_unlock(&rw);
  if (!strcmp(what, "runlock")) weir_rwmutex_runlock(&rw);
  if (!strcmp(what, "unlock-read")) {
    weir_rwmutex_rlock(&rw);
    weir_rwmutex_unlock(&rw);
  }
  if (!strcmp(what, "runlock-written")) {
    weir_rwmutex_lock(&rw);
    weir_rwmutex_runlock(&rw);
  }
  if (!strcmp(what, "mutex-twice")) {
    weir_mutex_lock(&mu);
    for (int i = 0; i < 2; i++)
      weir_mutex_unlock(&mu);
  }
  if (!strcmp(what, "unlock-twice")) {
    weir_rwmutex_lock(&rw);
    for (int i = 0; i < 2; i++)
      weir_rwmutex_unlock(&rw);
  }
  if (!strcmp(what, "runlock-twice")) {
    weir_rwmutex_rlock(&rw);
    for (int i = 0; i < 2; i++)
      weir_rwmutex_runlock(&rw);
  }
  // A wait without the lock.
  if (!strcmp(what, "cond")) weir_cond_wait(&cond, &mu);
  if (!strcmp(what, "cond-rw")) weir_cond_wait(&cond, &rw);
  if (!strcmp(what, "cond-read")) weir_cond_rwait(&cond, &rw);
  // UNLOCK: Weir: unlock of unlocked
  // UNLOCK: at sync_fatal.c:{{[0-9]+}} in unlocks, which was not locked
  // COND: Weir: cond wait unlocked
  // COND: waited on condition variable cond without its lock at sync_fatal.c:{{[0-9]+}} in unlocks
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  unlocks(what);
  if (!strcmp(what, "release")) weir_sem_release(&sem, 1);
  CHECK(weir_sem_try(&sem, 2));
  if (!strcmp(what, "release-more")) weir_sem_release(&sem, 3);
  if (!strcmp(what, "release-negative")) weir_sem_release(&sem, -1);
  // RELEASE: Weir: semaphore over release
  // RELEASE: semaphore sem
  if (!strcmp(what, "capacity")) weir_sem_init(&sem, -1);
  // CAPACITY: weir: fatal: weir_sem_init: the capacity is negative (-1)
}
