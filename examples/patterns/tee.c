// SPDX-License-Identifier: Apache-2.0
//
// Tee: every value of one channel goes to two.
//
// The two readers may be of different speed, so each value is offered to both at once; when one
// has taken it, its case is switched off by a nil channel and the other is waited for. The
// next value is taken when both have this one: the slower reader sets the pace.
// Give the outputs a buffer to let the readers drift apart by that much.
#include <stdio.h>
#include <weir/weir.h>

static void split(weir_recv_chan(int) in, weir_send_chan(int) out1, weir_send_chan(int) out2) {
  int v;
  while (weir_recv(in, &v)) {
    weir_send_chan(int) first = out1, second = out2;
    while (first || second) // a nil channel is never ready
      if (weir_select(weir_on_send(first, v), weir_on_send(second, v)) == 0)
        first = NULL;
      else
        second = NULL;
  }
  weir_close(out1);
  weir_close(out2);
}

static void count(weir_send_chan(int) out, int n) {
  for (int i = 1; i <= n; i++)
    weir_send(out, i);
  weir_close(out);
}

static void add_up(weir_recv_chan(int) in, long *sum) {
  int v;
  while (weir_recv(in, &v))
    *sum += v;
}

static void keep_largest_square(weir_recv_chan(int) in, long *largest) {
  int v;
  for (; weir_recv(in, &v); weir_yield()) // the slower of the two
    if ((long)v * v > *largest) *largest = (long)v * v;
}

int main(void) {
  weir_chan(int) in = weir_chan_make(int, 0);
  weir_chan(int) left = weir_chan_make(int, 0);
  weir_chan(int) right = weir_chan_make(int, 0);
  weir_wg all = {0};
  long sum = 0, largest = 0;
  weir_wg_go(&all, count, weir_send_only(in), 100);
  weir_wg_go(&all, split, weir_recv_only(in), weir_send_only(left), weir_send_only(right));
  weir_wg_go(&all, add_up, weir_recv_only(left), &sum);
  weir_wg_go(&all, keep_largest_square, weir_recv_only(right), &largest);
  weir_wg_wait(&all);
  printf("sum %ld, largest square %ld\n", sum, largest);
  weir_chan_free(in);
  weir_chan_free(left);
  weir_chan_free(right);
}

// Output:
// sum 5050, largest square 10000
