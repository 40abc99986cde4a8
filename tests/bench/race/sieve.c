// SPDX-License-Identifier: Apache-2.0
//
// The sieve of Eratosthenes in blocks of bytes: two threads take the blocks in turn.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 100000000, ROOT = 10000, BLOCK = 1 << 16, THREADS = 2 };

static uint32_t primes[1300];
static size_t known;

static void small_primes(void) {
  static uint8_t composite[ROOT + 1];
  for (uint32_t i = 2; i <= ROOT; i++) {
    if (composite[i]) continue;
    primes[known++] = i;
    for (uint32_t j = i * i; j <= ROOT; j += i)
      composite[j] = 1;
  }
}

static size_t sieve(uint8_t *composite, uint32_t low) {
  memset(composite, 0, BLOCK);
  for (size_t i = 0; i < known; i++) {
    const uint32_t p = primes[i];
    if (p * p >= low + BLOCK) break;
    uint32_t first = (low + p - 1) / p * p;
    for (uint32_t j = (first < p * p ? p * p : first) - low; j < BLOCK; j += p)
      composite[j] = 1;
  }
  size_t n = 0;
  for (uint32_t i = 0; i < BLOCK; i++)
    n += !composite[i];
  return n;
}

static void *work(void *arg) {
  uint8_t *composite = malloc(BLOCK);
  size_t n = 0;
  for (uint32_t low = (uint32_t)(size_t)arg * BLOCK; low < LIMIT; low += THREADS * BLOCK)
    n += sieve(composite, low);
  free(composite);
  return (void *)n;
}

int main(void) {
  small_primes();
  pthread_t threads[THREADS];
  size_t total = 0;
  for (size_t t = 0; t < THREADS; t++)
    pthread_create(&threads[t], NULL, work, (void *)t);
  for (size_t t = 0; t < THREADS; t++) {
    void *n;
    pthread_join(threads[t], &n);
    total += (size_t)n;
  }
  printf("%zu\n", total - 2);
}
