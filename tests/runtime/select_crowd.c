// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2; do WEIR_OPTIONS=procs=$n %t 30000 || exit 1; done
// RUN: %weircc -O1 %s -o %t.i && WEIR_OPTIONS=procs=2 %t.i 2000
//
// Thirty thousand goroutines stand in one queue and leave it again ten times, from its middle. If
// leaving took longer the longer the queue is, this would not end within the time that a test has.
#include <stdlib.h>

#include "check.h"

enum { MESSAGES = 10 };

static void listen_twice(weir_chan(int) all, weir_chan(int) own, weir_wg *wg) {
  for (int i = 0; i < MESSAGES; i++)
    CHECK_EQ(weir_select(weir_on_recv(all, NULL, NULL), weir_on_recv(own, NULL, NULL)), 1);
  CHECK(!weir_recv(all, NULL));
  weir_wg_done(wg);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10;
  weir_chan(int) all = weir_chan_make(int, 0), *own = calloc((size_t)n, sizeof *own);
  weir_wg wg = {0};
  weir_wg_add(&wg, n);
  for (int i = 0; i < n; i++) {
    own[i] = weir_chan_make(int, 0);
    weir_go(listen_twice, all, own[i], &wg);
  }
  for (int m = 0; m < MESSAGES; m++)
    for (int i = 0; i < n; i++)
      weir_send(own[(i * 7919L + m) % n], m);
  weir_close(all);
  weir_wg_wait(&wg);
  for (int i = 0; i < n; i++)
    weir_chan_free(own[i]);
  weir_chan_free(all);
  free(own);
}
