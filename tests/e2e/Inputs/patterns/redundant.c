// SPDX-License-Identifier: Apache-2.0
//
// Redundant requests where each replica closes the channel to say that the answer is there.
#include <stdio.h>
#include <weir/weir.h>

struct answer {
  weir_mutex mu; // guards value
  int value;
  weir_chan(char) ready;
};

static void ask(int replica, struct answer *a) {
  weir_guard(&a->mu);
  a->value = replica;
  weir_close(a->ready); // BUG: close-of-closed
}

int main(void) {
  static struct answer a;
  weir_wg asking = {0};
  a.ready = weir_chan_make(char, 0);
  for (int i = 1; i <= 3; i++)
    weir_wg_go(&asking, ask, i, &a);
  weir_recv(a.ready, NULL);
  weir_wg_wait(&asking);
  puts("answered");
}
