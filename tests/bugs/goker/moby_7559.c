// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_7559: When the dial fails, the loop goes on to its next turn with the lock held, and
// the next turn takes it again.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: run table_lock
#include <errno.h>
#include <stdlib.h>
#include <weir/weir.h>

struct proxy {
  weir_mutex table_lock; // guards the table of connections
};

static weir_wg runners;

// Dials nobody, which cannot work.
static int dial(void) {
  static volatile int error = ECONNREFUSED;
  return error;
}

static void run(struct proxy *p) {
  for (int i = 0; i < 2; i++) {
    // CHECK-DAG: at moby_7559.c:[[@LINE+1]] in run
    weir_mutex_lock(&p->table_lock);
    if (dial() != 0) {
#ifdef FIXED
      weir_mutex_unlock(&p->table_lock);
#endif
      continue;
    }
#ifdef FIXED
    weir_mutex_unlock(&p->table_lock);
#endif
    if (i == 0) break;
  }
#ifndef FIXED
  weir_mutex_unlock(&p->table_lock);
#endif
  weir_wg_done(&runners);
}

int main(void) {
  struct proxy *p = calloc(1, sizeof *p);
  weir_wg_add(&runners, 1);
  // CHECK-DAG: moby_7559.c:[[@LINE+1]]:
  weir_go(run, p);
#ifdef FIXED
  weir_wg_wait(&runners);
#endif
  return 0;
}
