// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// The mutex is made recursive by a function of another file, which says so.
#include <pthread.h>

__attribute__((annotate("weir::make-recursive(1)"))) int init_nested(pthread_mutex_t *m);

static pthread_mutex_t nested;
static int n;

void init(void) {
  init_nested(&nested);
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
