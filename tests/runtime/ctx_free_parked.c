// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
//
// A context is freed while goroutines are still on their way out of a select on it: the
// channel stays until the last has taken its waiters back. One worker: the
// selectors are parked when main cancels, and run only after main freed.
#include "check.h"

const char *weir_default_options(void) {
  return "procs=1";
}

static int arrived, left;

static void serve(weir_chan(char) done, weir_chan(int) other) {
  arrived++;
  CHECK_EQ(weir_select(weir_on_recv(other, NULL, NULL), weir_on_recv(done, NULL, NULL)), 1);
  left++;
}

int main(void) {
  weir_chan(int) other = weir_chan_make(int, 0);
  weir_ctx *c = weir_ctx_with_cancel(weir_ctx_background());
  for (int i = 1; i <= 10; i++) {
    weir_go(serve, weir_ctx_done(c), other);
    while (arrived < i)
      weir_yield();
  }
  weir_ctx_cancel(c);
  weir_ctx_free(c);
  CHECK_EQ(left, 0);
  weir_chan(char) again[20]; // would take the memory that is not free yet
  for (int i = 0; i < 20; i++)
    again[i] = weir_chan_make(char, 0);
  while (left < 10)
    weir_yield();
  for (int i = 0; i < 20; i++)
    CHECK(!weir_try_send(again[i], 1));
  weir_chan_free(other);
}
