// SPDX-License-Identifier: Apache-2.0
//
// Barrier: nobody goes on to the next phase before all have finished this one.
//
// A wait group does it once; this barrier is used again in every phase. Who comes last
// opens it for the others and begins the next phase. The others wait for the phase to change,
// not for a count: a fast goroutine may be counted for the next phase before a slow
// one has even woken up from this one.
//
// The example is a prefix sum in log2(N) phases. In each phase every goroutine reads what others
// wrote in the phase before and writes its own element of the other array: without the
// barrier these would be data races.
#include <stdio.h>
#include <weir/weir.h>

enum { N = 16 };

struct barrier {
  weir_mutex mu; // guards the rest
  weir_cond opened;
  int parties, arrived;
  unsigned phase;
};

static void barrier_wait(struct barrier *b) {
  weir_guard(&b->mu);
  if (++b->arrived == b->parties) {
    b->arrived = 0;
    b->phase++;
    weir_cond_broadcast(&b->opened);
    return;
  }
  for (unsigned phase = b->phase; phase == b->phase;)
    weir_cond_wait(&b->opened, &b->mu);
}

static void scan(struct barrier *b, long (*sums)[N], int i) {
  long *from = sums[0], *to = sums[1];
  for (int distance = 1; distance < N; distance *= 2) {
    to[i] = from[i] + (i >= distance ? from[i - distance] : 0);
    barrier_wait(b);
    long *swap = from;
    from = to, to = swap;
  }
}

int main(void) {
  struct barrier b = {.parties = N};
  weir_wg all = {0};
  long sums[2][N];
  for (int i = 0; i < N; i++)
    sums[0][i] = i + 1;
  for (int i = 0; i < N; i++)
    weir_wg_go(&all, scan, &b, sums, i);
  weir_wg_wait(&all);
  for (int i = 0; i < N; i++) // after four phases the result is in the first array again
    printf("%ld ", sums[0][i]);
  putchar('\n');
}

// Output:
// 1 3 6 10 15 21 28 36 45 55 66 78 91 105 120 136
