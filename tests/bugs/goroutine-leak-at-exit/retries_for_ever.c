// SPDX-License-Identifier: Apache-2.0
//
// A goroutine tries again and again, each time after a moment. It would end if it were told to.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=atexit_settle_ms=200 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK: (reconnect) goes round and round after main has returned
// CHECK-SAME: what could end it is channel quit, and nobody does
#include <weir/weir.h>

static weir_chan(char) quit;

static bool connect(void) {
  return false;
}

static void reconnect(void) {
  while (!connect())
    // CHECK-DAG: retries_for_ever.c:[[@LINE+1]]
    if (weir_select(weir_on_recv(weir_after(WEIR_MS(1)), NULL, NULL),
                    weir_on_recv(quit, NULL, NULL)) == 1)
      return;
}

int main(void) {
  quit = weir_chan_make(char, 0);
  weir_go(reconnect);
#ifdef FIXED
  weir_close(quit);
#endif
  return 0;
}
