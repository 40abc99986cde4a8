// SPDX-License-Identifier: Apache-2.0
//
// Retries without a limit and without a context, of a service that is gone: whoever
// waits for the result waits for ever. The pause is a sleep, so somebody is always about to run,
// and this is no deadlock that could be proven: what shows it is the limit on how long one may
// wait.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

const char *weir_default_options(void) {
  return "stuck_ms=100:halt_on_error=1";
}

static int ask(void) {
  return ECONNREFUSED;
}

static void retry(weir_chan(int) result) {
  while (ask() != 0)
    weir_sleep(WEIR_MS(1));
  weir_send(result, 0);
}

int main(void) {
  weir_chan(int) result = weir_chan_make(int, 1);
  weir_go(retry, result);
  weir_recv(result, NULL); // BUG: stuck-goroutine
}
