// SPDX-License-Identifier: Apache-2.0
//
// A hedged request whose answer channel has no room: the replicas that come second
// wait for ever for somebody to take their answers.
#include <stdio.h>
#include <weir/weir.h>

static void ask(int replica, weir_chan(int) start, weir_chan(int) answers) {
  weir_recv(start, NULL);
  weir_send(answers, replica); // BUG: goroutine-leak-at-exit
}

static int hedge(weir_chan(int) start) {
  weir_chan(int) answers = weir_chan_make(int, 0);
  int first;
  for (int i = 1; i <= 3; i++)
    weir_go(ask, i, start, answers);
  weir_recv(answers, &first);
  return first;
}

int main(void) {
  weir_chan(int) start = weir_chan_make(int, 3);
  weir_close(start);
  int from = hedge(start);
  printf("%s\n", from >= 1 && from <= 3 ? "answered" : "?");
}
