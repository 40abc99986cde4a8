// SPDX-License-Identifier: Apache-2.0
//
// What is blocked for longer than stuck_ms is looked at more closely: nobody has the channel of
// this goroutine any more, so it is not stuck but lost, and that is proven while main goes on.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=stuck_ms=300 bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak
// CHECK-SAME: [proven]
// CHECK: goroutine {{[0-9]+}} (wait_for_reply) is blocked for ever, receiving from channel reply at stuck_for_good.c:[[@LINE+5]]
#include <weir/weir.h>

static void wait_for_reply(weir_chan(int) reply) {
  // CHECK: stuck_for_good.c:[[#@LINE+1]]
  weir_recv(reply, NULL);
  weir_chan_free(reply);
}

__attribute__((noinline)) static void ask(void) {
  weir_chan(int) reply = weir_chan_make(int, 1);
  weir_go(wait_for_reply, reply);
#ifdef FIXED
  weir_send(reply, 1);
#endif
}

// Writes over what the call before left on the stack.
__attribute__((noinline)) static void forget(void) {
  volatile char room[8192];
  for (unsigned i = 0; i < sizeof room; i++)
    room[i] = 0;
}

int main(void) {
  ask();
  forget();
  weir_sleep(WEIR_S(2)); // time is what this is about
}
