// SPDX-License-Identifier: Apache-2.0
//
// Two threads multiply matrices of doubles, each one half of the rows: one operand is
// read along its rows, the other across them.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 480, THREADS = 2 };

static double *a, *b, *c;

static void *half(void *arg) {
  size_t first = (size_t)arg * (N / THREADS);
  for (size_t i = first; i < first + N / THREADS; i++)
    for (size_t j = 0; j < N; j++) {
      double sum = 0;
      for (size_t k = 0; k < N; k++)
        sum += a[i * N + k] * b[k * N + j];
      c[i * N + j] = sum;
    }
  return NULL;
}

int main(void) {
  a = malloc(sizeof *a * N * N);
  b = malloc(sizeof *b * N * N);
  c = malloc(sizeof *c * N * N);
  for (size_t i = 0; i < N * N; i++) {
    a[i] = (double)(i % 7);
    b[i] = (double)(i % 5);
  }
  pthread_t threads[THREADS];
  for (size_t t = 0; t < THREADS; t++)
    pthread_create(&threads[t], NULL, half, (void *)t);
  for (size_t t = 0; t < THREADS; t++)
    pthread_join(threads[t], NULL);
  double trace = 0;
  for (size_t i = 0; i < N; i++)
    trace += c[i * N + i];
  printf("%.0f\n", trace);
}
