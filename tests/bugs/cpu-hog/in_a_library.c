// SPDX-License-Identifier: Apache-2.0
//
// The time goes into a library that was built without frame pointers, on every worker, while a
// quick request waits. The fixed twin has the library called on threads of its own.
//
// REQUIRES: races
// RUN: RUN_OPTIONS=cpu_hog_ms=200:halt_on_error=1 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: cpu hog
// CHECK: (sort_all) has kept its worker for
#include <stdlib.h>
#include <weir/weir.h>

#ifdef FIXED
enum { TIMES = 4 };
#else
enum { TIMES = 4000 };
#endif
enum { NUMBERS = 100000 };

static weir_wg all;

static int by_value(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

static void sort_one(unsigned seed) {
  int *numbers = malloc(NUMBERS * sizeof *numbers);
  for (int i = 0; i < NUMBERS; i++)
    numbers[i] = (int)(seed = seed * 1103515245u + 12345u);
  qsort(numbers, NUMBERS, sizeof *numbers, by_value);
  free(numbers);
}

static void quick(void) {}

static void sort_all(unsigned seed) {
  weir_wg_go(&all, quick);
  for (unsigned i = 0; i < TIMES; i++)
#ifdef FIXED
    weir_blocking(sort_one, seed + i);
#else
    // CHECK: in_a_library.c:[[#@LINE+1]]
    sort_one(seed + i);
#endif
}

int main(void) {
  unsigned workers = (unsigned)weir_set_procs(0);
  for (unsigned i = 0; i < workers + 1; i++)
    weir_wg_go(&all, sort_all, i);
  weir_wg_wait(&all);
}
