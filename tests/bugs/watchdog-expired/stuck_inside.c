// SPDX-License-Identifier: Apache-2.0
//
// A purchase may take a quarter of a second, and waits for a lock that somebody sleeps with. The
// report shows the purchase, where it was begun, and who has the lock.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: watchdog expired
// CHECK-SAME: [observed]
// CHECK: (purchase) has been in checkout for more than 250 ms
#include <weir/weir.h>

static weir_mutex stock;

static void audit(weir_chan(int) locked) {
  weir_guard(&stock);
  weir_send(locked, 1);
#ifndef FIXED
  // CHECK-DAG: and holds mutex stock, taken at stuck_inside.c:[[#@LINE-3]]
  // CHECK-DAG: stuck_inside.c:[[#@LINE+1]]
  weir_sleep(WEIR_S(2)); // time is what this is about
#endif
}

static void purchase(void) {
  // CHECK-DAG: It was entered by goroutine {{[0-9]+}} (purchase) at stuck_inside.c:[[#@LINE+1]]
  weir_watchdog(WEIR_MS(250), "checkout");
  // CHECK-DAG: stuck_inside.c:[[#@LINE+1]]
  weir_guard(&stock);
}

int main(void) {
  weir_chan(int) locked = weir_chan_make(int, 0);
  weir_wg all = {0};
  weir_wg_go(&all, audit, locked);
  weir_recv(locked, NULL);
  weir_wg_go(&all, purchase);
  weir_wg_wait(&all);
  weir_chan_free(locked);
}
