// SPDX-License-Identifier: Apache-2.0
//
// A steward that closes the heartbeat channel of a ward it gave up: the ward was slow, not stuck,
// and its next beat is a send on a closed channel.
#include <stdio.h>
#include <weir/weir.h>

static void ward(weir_chan(char) beats, weir_chan(char) slow) {
  weir_send(beats, 1);
  weir_recv(slow, NULL);
  weir_send(beats, 1); // BUG: send-on-closed
}

int main(void) {
  weir_chan(char) beats = weir_chan_make(char, 1), slow = weir_chan_make(char, 0);
  weir_wg warding = {0};
  weir_wg_go(&warding, ward, beats, slow);
  weir_recv(beats, NULL);
  if (weir_select(weir_on_recv(beats, NULL, NULL), weir_on_recv(weir_after(WEIR_MS(5)), NULL, NULL)))
    weir_close(beats); // BUG: send-on-closed
  weir_send(slow, 1);
  weir_wg_wait(&warding);
}
