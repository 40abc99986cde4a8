// SPDX-License-Identifier: Apache-2.0
//
// A million channel operations and no bug: no finding, status 0 and the right sum,
// with and without instrumentation, however many workers there are.
//
// Half of them go through an unbuffered channel, half through a buffered one, with
// several senders, receivers and selects on both.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: %weircc -O2 -Wall -Wextra -Werror %s -o checked
// RUN: %weircc_plain -O2 -Wall -Wextra -Werror %s -o plain
// RUN: for i in 1 2 3; do %weir run --log=log -- ./checked > out 2> err || exit 1; test ! -s log || exit 1; grep -qx 'sum 31249750000' out || exit 1; done
// RUN: for i in 1 2 3 4 5 6 7 8 9 10; do %weir run --log=log -- ./plain > out || exit 1; test ! -s log || exit 1; grep -qx 'sum 31249750000' out || exit 1; done
// RUN: %weir run --procs=1 --log=log -- ./plain && test ! -s log
// RUN: %weir run --procs=4 --log=log -- ./plain && test ! -s log
#include <stdio.h>
#include <weir/weir.h>

enum { SENDERS = 2, EACH = 125000 };

static void send_numbers(weir_chan(long) out, weir_wg *senders) {
  weir_defer(weir_wg_done(senders));
  for (long i = 0; i < EACH; i++)
    weir_send(out, i);
}

static void close_after(weir_wg *senders, weir_chan(long) ch) {
  weir_wg_wait(senders);
  weir_close(ch);
}

static void source(weir_chan(long) out, weir_wg *senders) {
  weir_wg_add(senders, SENDERS);
  for (int i = 0; i < SENDERS; i++)
    weir_go(send_numbers, out, senders);
  weir_go(close_after, senders, out);
}

// Adds up what comes from both until both are closed.
static void add_up(weir_chan(long) a, weir_chan(long) b, weir_chan(long) result) {
  long sum = 0, n;
  bool ok;
  while (a || b) {
    int which = weir_select(weir_on_recv(a, &n, &ok), weir_on_recv(b, &n, &ok));
    if (ok)
      sum += n;
    else if (which == 0)
      a = NULL;
    else
      b = NULL;
  }
  weir_send(result, sum);
}

int main(void) {
  static weir_wg left, right;
  weir_chan(long) a = weir_chan_make(long, 0), b = weir_chan_make(long, 128);
  weir_chan(long) result = weir_chan_make(long, 0);
  source(a, &left);
  source(b, &right);
  weir_go(add_up, a, b, result);
  weir_go(add_up, a, b, result);
  long x, y;
  weir_recv(result, &x);
  weir_recv(result, &y);
  printf("sum %ld\n", x + y);
}
