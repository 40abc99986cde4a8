// SPDX-License-Identifier: Apache-2.0
//
// Or-done: read a channel until it is closed or a context is done, whichever is first.
//
// Written out, every receive is a select of two cases, with two ways to end. Two
// ways to put that aside: a helper that receives one value (get), or a goroutine that
// passes the values on to a channel that is closed in either case (or_done), for code
// that only knows how to read a channel to its end. The second may drop one value
// that it had taken and could not pass on; and its reader may not stop early.
//
// Here the source is a sensor that never ends by itself and is not ours to stop.
#include <stdio.h>
#include <weir/weir.h>

static void measure(weir_send_chan(int) out) {
  weir_expect_blocked(); // it may wait for ever: it is there as long as the program
  for (int i = 1;; i++)
    weir_send(out, i);
}

static weir_recv_chan(int) sensor_open(void) {
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_go(measure, weir_send_only(out));
  return weir_recv_only(out);
}

static bool get(weir_recv_chan(int) in, int *v, weir_ctx *ctx) {
  bool ok;
  return weir_select(weir_on_recv(in, v, &ok), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0 &&
         ok;
}

static void pass_on(weir_recv_chan(int) in, weir_send_chan(int) out, weir_ctx *ctx) {
  weir_defer(weir_close(out));
  for (int v; get(in, &v, ctx);)
    if (weir_select(weir_on_send(out, v), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
      return;
}

static weir_recv_chan(int) or_done(weir_recv_chan(int) in, weir_ctx *ctx) {
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_go(pass_on, in, weir_send_only(out), ctx);
  return weir_recv_only(out);
}

int main(void) {
  weir_recv_chan(int) sensor = sensor_open();

  weir_ctx *first = weir_ctx_with_cancel(weir_ctx_background());
  int v, sum = 0;
  while (get(sensor, &v, first))
    if ((sum += v) >= 55) weir_ctx_cancel(first); // a few more may come: select picks at random
  printf("the sum is %s\n", sum >= 55 ? "reached" : "missed");
  weir_ctx_free(first);

  weir_ctx *second = weir_ctx_with_cancel(weir_ctx_background());
  weir_recv_chan(int) values = or_done(sensor, second);
  int count = 0, last = 0, disorder = 0;
  for (; weir_recv(values, &v); last = v) {
    if (v <= last) disorder++;
    if (++count == 20) weir_ctx_cancel(second);
  }
  printf("%s values, %d out of order, then closed\n", count >= 20 ? "enough" : "few", disorder);
  weir_chan_free(values);
  weir_ctx_free(second);
}

// Output:
// the sum is reached
// enough values, 0 out of order, then closed
