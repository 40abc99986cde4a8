// SPDX-License-Identifier: Apache-2.0
//
// Generator: a function that returns a channel and the goroutine that fills it.
//
// The caller reads values as if they were computed on demand: unbuffered, the
// goroutine is never more than one value ahead. Two rules make it safe to stop in
// the middle of an endless sequence: every send is in a select with the context, so
// that the generator can leave when nobody reads any more; and the generator, being the
// only sender, closes the channel as its last act. So "closed" means to the
// reader that the goroutine needs nothing more of it, and the channel can be freed. The caller gets
// the receiving side only: the compiler refuses to let it send or close.
#include <stdio.h>
#include <weir/weir.h>

static void count(weir_send_chan(long) out, weir_ctx *ctx) {
  weir_defer(weir_close(out));
  long a = 0, b = 1;
  while (weir_select(weir_on_send(out, a), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0) {
    long sum = a + b;
    a = b, b = sum;
  }
}

static weir_recv_chan(long) fibonacci(weir_ctx *ctx) {
  weir_chan(long) out = weir_chan_make(long, 0);
  weir_go(count, weir_send_only(out), ctx);
  return weir_recv_only(out);
}

// Tells the generator to end, takes what it had in hand, and frees the channel.
static void stop(weir_recv_chan(long) in, weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
  while (weir_recv(in, NULL)) {
  }
  weir_chan_free(in);
  weir_ctx_free(ctx);
}

int main(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_recv_chan(long) numbers = fibonacci(ctx);
  long n, even = 0;
  while (weir_recv(numbers, &n) && n < 100) {
    printf("%ld ", n);
    if (n % 2 == 0) even += n;
  }
  printf("\nthe even ones make %ld\n", even);
  stop(numbers, ctx);
}

// Output:
// 0 1 1 2 3 5 8 13 21 34 55 89
// the even ones make 44
