// SPDX-License-Identifier: Apache-2.0
//
// primes [N]: the first N prime numbers, by the prime sieve that Go made famous.
//
// A generator sends 2, 3, 4, ... and every prime found adds one filter goroutine
// to the chain, which passes on what its prime does not divide.
//
// The bug: with enough primes main just returns. The generator and all filters
// are left behind, each with a number that nobody will take.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

static void generate(weir_chan(int) out) {
  for (int i = 2;; i++)
    weir_send(out, i);
}

static void filter(weir_chan(int) in, weir_chan(int) out, int prime) {
  int i;
  while (weir_recv(in, &i))
    if (i % prime != 0) weir_send(out, i);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 50;
  weir_chan(int) last = weir_chan_make(int, 0);
  weir_go(generate, last);
  for (int i = 0; i < n; i++) {
    int prime;
    weir_recv(last, &prime);
    printf("%d\n", prime);
    weir_chan(int) filtered = weir_chan_make(int, 0);
    weir_go(filter, last, filtered, prime);
    last = filtered;
  }
  return 0;
}
