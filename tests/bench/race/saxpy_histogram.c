// SPDX-License-Identifier: Apache-2.0
//
// Two threads scale and add vectors of floats and count the results by size, each with
// counters of its own that it adds to the common ones under a lock.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 400000, ROUNDS = 250, BINS = 256, THREADS = 2 };

static float *x, *y;
static long bins[BINS];
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;

static void saxpy(size_t n, float a, const float *from, float *to) {
  for (size_t i = 0; i < n; i++)
    to[i] += a * from[i];
}

static void histogram(size_t n, const float *values, long counts[BINS]) {
  for (size_t i = 0; i < n; i++)
    counts[(uint32_t)values[i] % BINS]++;
}

static void *half(void *arg) {
  const size_t n = N / THREADS, first = (size_t)arg * n;
  long *counts = malloc(sizeof *counts * BINS);
  for (int r = 0; r < ROUNDS; r++) {
    for (int i = 0; i < BINS; i++)
      counts[i] = 0;
    saxpy(n, 0.5f, x + first, y + first);
    histogram(n, y + first, counts);
    pthread_mutex_lock(&mu);
    for (int i = 0; i < BINS; i++)
      bins[i] += counts[i];
    pthread_mutex_unlock(&mu);
  }
  free(counts);
  return NULL;
}

int main(void) {
  x = malloc(sizeof *x * N);
  y = malloc(sizeof *y * N);
  for (int i = 0; i < N; i++) {
    x[i] = (float)(i % 100);
    y[i] = 0;
  }
  pthread_t threads[THREADS];
  for (size_t t = 0; t < THREADS; t++)
    pthread_create(&threads[t], NULL, half, (void *)t);
  for (size_t t = 0; t < THREADS; t++)
    pthread_join(threads[t], NULL);
  long sum = 0;
  for (int i = 0; i < BINS; i++)
    sum = sum * 31 + bins[i];
  printf("%ld\n", sum);
}
