// SPDX-License-Identifier: Apache-2.0
//
// Has its own idea of how long is too long, and a goroutine that is blocked longer than that.
#include <weir/weir.h>

const char *weir_default_options(void) {
  return "stuck_ms=100";
}

static void wait_for(weir_chan(int) go) {
  weir_recv(go, NULL);
}

int main(void) {
  weir_chan(int) go = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, wait_for, go);
  weir_sleep(WEIR_MS(1500));
  weir_send(go, 1);
  weir_wg_wait(&wg);
  weir_chan_free(go);
}
