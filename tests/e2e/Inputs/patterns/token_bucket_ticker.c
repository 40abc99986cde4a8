// SPDX-License-Identifier: Apache-2.0
//
// A rate limiter whose goroutine sends instead of trying: once the bucket is full it is
// stuck in the send, where no context reaches it, and nobody takes tokens any more.
#include <stdio.h>
#include <weir/weir.h>

static void refill(weir_ticker *ticker, weir_chan(char) tokens) {
  for (;;) {
    weir_recv(weir_ticker_chan(ticker), NULL);
    weir_send(tokens, 1); // BUG: goroutine-leak-at-exit
  }
}

int main(void) {
  weir_chan(char) tokens = weir_chan_make(char, 2);
  weir_ticker *ticker = weir_ticker_new(WEIR_MS(1));
  weir_go(refill, ticker, tokens);
  for (int i = 0; i < 5; i++)
    weir_recv(tokens, NULL);
  printf("5 requests\n");
}
