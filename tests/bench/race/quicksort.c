// SPDX-License-Identifier: Apache-2.0
//
// Two threads sort one half of an array of ints each; then the halves are merged.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 4000000 };

struct part {
  int *first, *last; // both belong to it
};

static void sort(int *first, int *last) {
  while (first < last) {
    int pivot = first[(last - first) / 2], *i = first, *j = last;
    while (i <= j) {
      while (*i < pivot)
        i++;
      while (*j > pivot)
        j--;
      if (i <= j) {
        int swap = *i;
        *i++ = *j;
        *j-- = swap;
      }
    }
    sort(first, j);
    first = i;
  }
}

static void *work(void *arg) {
  const struct part *part = arg;
  sort(part->first, part->last);
  return NULL;
}

int main(void) {
  int *numbers = malloc(sizeof *numbers * N), *merged = malloc(sizeof *merged * N);
  unsigned x = 1;
  for (int i = 0; i < N; i++)
    numbers[i] = (int)((x = x * 1664525u + 1013904223u) >> 4);
  struct part parts[2] = {{numbers, numbers + N / 2 - 1}, {numbers + N / 2, numbers + N - 1}};
  pthread_t threads[2];
  for (int t = 0; t < 2; t++)
    pthread_create(&threads[t], NULL, work, &parts[t]);
  for (int t = 0; t < 2; t++)
    pthread_join(threads[t], NULL);
  for (int i = 0, l = 0, r = N / 2; i < N; i++)
    merged[i] = r == N || (l < N / 2 && numbers[l] <= numbers[r]) ? numbers[l++] : numbers[r++];
  unsigned sum = 0;
  for (int i = 0; i < N; i++)
    sum = sum * 31 + (unsigned)merged[i];
  printf("%u\n", sum);
}
