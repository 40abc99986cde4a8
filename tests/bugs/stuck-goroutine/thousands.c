// SPDX-License-Identifier: Apache-2.0
//
// Three thousand goroutines wait for a door that main is slow to open: one finding that counts
// them, however many they are. The fixed twin opens it at once.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=stuck_ms=300 bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: stuck goroutine
// CHECK: {{[0-9]+}} goroutines (visitor) have been
// CHECK-SAME: at thousands.c:[[#@LINE+6]]
#include <weir/weir.h>

enum { VISITORS = 3000 };

static void visitor(weir_chan(int) door) {
  weir_recv(door, NULL);
}

int main(void) {
  weir_chan(int) door = weir_chan_make(int, 0);
  weir_wg all = {0};
  for (int i = 0; i < VISITORS; i++)
    weir_wg_go(&all, visitor, door);
#ifndef FIXED
  weir_sleep(WEIR_S(2)); // time is what this is about
#endif
  weir_close(door);
  weir_expect_blocked();
  weir_wg_wait(&all);
  weir_chan_free(door);
}
