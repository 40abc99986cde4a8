// SPDX-License-Identifier: Apache-2.0
//
// A return without the unlock, and then the account is nobody's but those who wait for it.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [sync.Mutex.Lock]:
#include "leaks.h"

struct account {
  weir_mutex mu;
  int balance;
};

static void deposit(struct account *a) {
  // CHECK-DAG: lost_lock.c:[[@LINE+1]]
  weir_mutex_lock(&a->mu);
  a->balance++;
  weir_mutex_unlock(&a->mu);
}

static void take(struct account *a, int amount) {
  weir_mutex_lock(&a->mu);
#ifndef FIXED
  if (a->balance < amount) return;
#endif
  a->balance -= amount;
  weir_mutex_unlock(&a->mu);
}

static void use(void) {
  struct account *a = calloc(1, sizeof *a);
  take(a, 10);
  weir_go(deposit, a);
}

int main(void) {
  EXPECT_LEAKED(5, 5, use);
  return 0;
}
