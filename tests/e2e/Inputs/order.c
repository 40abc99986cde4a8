// SPDX-License-Identifier: Apache-2.0
//
// Prints the order in which eight goroutines came to a lock.
#include <stdio.h>
#include <weir/weir.h>

enum { N = 8 };

static void walker(int n, weir_mutex *mu, char *order, int *at, weir_wg *wg) {
  weir_mutex_lock(mu);
  order[(*at)++] = (char)('0' + n);
  weir_mutex_unlock(mu);
  weir_wg_done(wg);
}

int main(void) {
  static weir_mutex mu;
  static weir_wg wg;
  static char order[N + 1];
  int at = 0;
  weir_wg_add(&wg, N);
  for (int n = 0; n < N; n++)
    weir_go(walker, n, &mu, order, &at, &wg);
  weir_wg_wait(&wg);
  puts(order);
}
