// SPDX-License-Identifier: Apache-2.0
//
// A goroutine that only ever waits for its ticker, which main stops: nothing tells the goroutine
// to end, and no tick will come any more.
#include <stdio.h>
#include <weir/weir.h>

static void refill(weir_ticker *ticker, weir_chan(char) tokens) {
  for (;;) {
    weir_recv(weir_ticker_chan(ticker), NULL); // BUG: goroutine-leak-at-exit
    weir_try_send(tokens, 1);
  }
}

int main(void) {
  weir_chan(char) tokens = weir_chan_make(char, 2);
  weir_ticker *ticker = weir_ticker_new(WEIR_MS(1));
  weir_go(refill, ticker, tokens);
  for (int i = 0; i < 5; i++)
    weir_recv(tokens, NULL);
  weir_ticker_stop(ticker);
  printf("5 requests\n");
}
