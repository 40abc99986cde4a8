// SPDX-License-Identifier: Apache-2.0
//
// 10,000 goroutines in 5,000 pairs that send to each other all the time. Says "ready", and after a
// line that each pair has counted on.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

enum { PAIRS = 5000 };
static weir_chan(int) channels[PAIRS];
static _Atomic long counts[PAIRS];

static void produce(int n) {
  for (;;) {
    weir_send(channels[n], n);
    weir_yield();
  }
}

static void consume(int n) {
  for (int v; weir_recv(channels[n], &v);)
    counts[n] += v == n;
}

static void each_counts(void) {
  static long before[PAIRS];
  for (int n = 0; n < PAIRS; n++)
    before[n] = counts[n];
  for (int n = 0; n < PAIRS; n++)
    while (counts[n] == before[n])
      weir_yield();
}

int main(void) {
  char line[16];
  for (int n = 0; n < PAIRS; n++) {
    channels[n] = weir_chan_make(int, 0);
    weir_go(produce, n);
    weir_go(consume, n);
  }
  each_counts();
  puts("ready");
  fflush(stdout);
  if (!fgets(line, sizeof line, stdin)) return 1;
  each_counts();
  puts("went on");
  fflush(stdout);
  _Exit(0);
}
