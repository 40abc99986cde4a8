// SPDX-License-Identifier: Apache-2.0
//
// The game of life on a grid of bytes. Two threads take half of the rows each and meet
// at a barrier after every generation.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 1024, GENERATIONS = 60, THREADS = 2 };

typedef uint8_t row[SIDE + 2];
static row *now, *next;
static pthread_barrier_t done;

static void step(const row *from, row *to, int first, int last) {
  for (int y = first; y < last; y++)
    for (int x = 1; x <= SIDE; x++) {
      int n = from[y - 1][x - 1] + from[y - 1][x] + from[y - 1][x + 1] + from[y][x - 1] +
              from[y][x + 1] + from[y + 1][x - 1] + from[y + 1][x] + from[y + 1][x + 1];
      to[y][x] = n == 3 || (n == 2 && from[y][x]);
    }
}

static void *half(void *arg) {
  int first = 1 + (int)(size_t)arg * (SIDE / THREADS);
  row *from = now, *to = next;
  for (int i = 0; i < GENERATIONS; i++) {
    step(from, to, first, first + SIDE / THREADS);
    row *swap = from;
    from = to;
    to = swap;
    pthread_barrier_wait(&done);
  }
  return NULL;
}

int main(void) {
  now = calloc(SIDE + 2, sizeof *now);
  next = calloc(SIDE + 2, sizeof *next);
  uint32_t r = 1;
  for (int y = 1; y <= SIDE; y++)
    for (int x = 1; x <= SIDE; x++)
      now[y][x] = (r = r * 1664525u + 1013904223u) >> 31;
  pthread_barrier_init(&done, NULL, THREADS);
  pthread_t threads[THREADS];
  for (size_t t = 0; t < THREADS; t++)
    pthread_create(&threads[t], NULL, half, (void *)t);
  for (size_t t = 0; t < THREADS; t++)
    pthread_join(threads[t], NULL);
  int alive = 0;
  for (int y = 1; y <= SIDE; y++)
    for (int x = 1; x <= SIDE; x++)
      alive += now[y][x];
  printf("%d\n", alive);
}
