// SPDX-License-Identifier: Apache-2.0
//
// A monitor that sends its alert under the lock that whoever handles alerts takes first.
#include <stdio.h>
#include <weir/weir.h>

struct watched {
  weir_mutex mu; // guards the value
  int value;
};

static void set(struct watched *w, int value, weir_chan(int) alerts) {
  weir_guard(&w->mu);
  w->value = value;
  if (value > 90) weir_send(alerts, value); // BUG: deadlock
}

static void handle(struct watched *w, weir_chan(int) alerts, weir_chan(char) ready) {
  int value;
  weir_close(ready);
  for (;;) {
    weir_mutex_lock(&w->mu); // BUG: deadlock
    int now = w->value;
    weir_mutex_unlock(&w->mu);
    if (!weir_recv(alerts, &value)) return;
    printf("alert at %d, was %d\n", value, now);
  }
}

int main(void) {
  static struct watched w;
  weir_chan(int) alerts = weir_chan_make(int, 0);
  weir_chan(char) ready = weir_chan_make(char, 0);
  weir_wg handling = {0};
  weir_wg_go(&handling, handle, &w, alerts, ready);
  weir_recv(ready, NULL);
  for (int value = 0; value < 1000; value++)
    set(&w, value, alerts);
  weir_close(alerts);
  weir_wg_wait(&handling);
}
