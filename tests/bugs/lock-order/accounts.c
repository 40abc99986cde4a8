// SPDX-License-Identifier: Apache-2.0
//
// One function locks two accounts on the heap, whichever comes first; two transfers go opposite
// ways. The fixed twin locks the one with the lower address first.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=lock_order=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: lock order
#include <stdlib.h>

#include "hidden.h"

struct account {
  weir_mutex mu;
  long balance;
};

static void transfer(struct account *from, struct account *to, long amount) {
  struct account *first = from, *second = to;
#ifdef FIXED
  if (first > second) first = to, second = from;
#endif
  // CHECK-DAG: accounts.c:[[@LINE+1]] in transfer
  weir_guard(&first->mu);
  // CHECK-DAG: accounts.c:[[@LINE+1]] in transfer
  weir_guard(&second->mu);
  from->balance -= amount;
  to->balance += amount;
}

static void move(struct account *from, struct account *to, int when, weir_wg *wg) {
  hidden_wait(when);
  transfer(from, to, 1);
  hidden_post();
  weir_wg_done(wg);
}

int main(void) {
  struct account *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(move, a, b, 0, &wg);
  weir_go(move, b, a, 1, &wg);
  weir_wg_wait(&wg);
  free(a);
  free(b);
}
