// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
// The same while they run.
#include <weir/weir.h>

static weir_mutex config, cache;
static int n;

static void fill(void) {
  weir_mutex_lock(&cache);
  weir_mutex_lock(&config); // expect: lock-order-cycle 'config' is locked while 'cache' is held; work does it
  n = 1;
  weir_mutex_unlock(&config);
  weir_mutex_unlock(&cache);
}
static void work(weir_wg *wg) {
  weir_mutex_lock(&config);
  weir_mutex_lock(&cache);
  n++;
  weir_mutex_unlock(&cache);
  weir_mutex_unlock(&config);
  weir_wg_done(wg);
}
int main(void) {
  weir_wg wg = {0};
  fill();
  for (int i = 0; i < 4; i++) {
    weir_wg_add(&wg, 1);
    weir_go(work, &wg);
  }
  fill();
  weir_wg_wait(&wg);
  fill();
  return n;
}
