// SPDX-License-Identifier: Apache-2.0
//
// primes [N]: the first N prime numbers, by the prime sieve that Go made famous.
//
// A generator sends 2, 3, 4, ... and every prime found adds one filter goroutine
// to the chain, which passes on what its prime does not divide. With enough
// primes main cancels the generator; each stage then closes what it sends on,
// and main drains the chain, so that everybody comes to the end of its input.
// Whoever drained a channel frees it.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

static void generate(weir_chan(int) out, weir_ctx *ctx) {
  for (int i = 2;; i++)
    if (weir_select(weir_on_send(out, i), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1) break;
  weir_close(out);
}

static void filter(weir_chan(int) in, weir_chan(int) out, int prime) {
  int i;
  while (weir_recv(in, &i))
    if (i % prime != 0) weir_send(out, i);
  weir_close(out);
  weir_chan_free(in);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 50;
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg stages = {0};
  weir_chan(int) last = weir_chan_make(int, 0);
  weir_wg_go(&stages, generate, last, ctx);
  for (int i = 0; i < n; i++) {
    int prime;
    weir_recv(last, &prime);
    printf("%d\n", prime);
    weir_chan(int) filtered = weir_chan_make(int, 0);
    weir_wg_go(&stages, filter, last, filtered, prime);
    last = filtered;
  }
  weir_ctx_cancel(ctx);
  while (weir_recv(last, NULL)) {
  }
  weir_wg_wait(&stages);
  weir_chan_free(last);
  weir_ctx_free(ctx);
  return 0;
}
