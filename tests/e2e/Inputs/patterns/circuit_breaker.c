// SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker that keeps its lock on the way out that refuses: the next caller waits for
// a lock that nobody gives back.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

struct breaker {
  weir_mutex mu; // guards failures
  int failures;
};

static int call(struct breaker *b, int result) {
  weir_mutex_lock(&b->mu); // BUG: deadlock
  if (b->failures >= 3) return EAGAIN;
  b->failures = result ? b->failures + 1 : 0;
  weir_mutex_unlock(&b->mu);
  return result;
}

static void caller(struct breaker *b, int *refused) {
  for (int i = 0; i < 5; i++)
    *refused += call(b, EIO) == EAGAIN;
}

int main(void) {
  static struct breaker b;
  weir_wg calling = {0};
  int refused = 0;
  weir_wg_go(&calling, caller, &b, &refused);
  weir_wg_wait(&calling);
  printf("%d refused\n", refused);
}
