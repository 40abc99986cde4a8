// SPDX-License-Identifier: Apache-2.0
//
// Bounded parallelism: a goroutine for each item, but only so many at work at a time.
//
// Two ways. A group with a limit: weir_group_go waits for a place, so that never more
// goroutines than places exist, and wait returns the first error. A semaphore: all goroutines exist
// and wait for units, and items of different weight can take as many as they need, here
// megabytes of a budget. Units are given back by a defer, so that no way out forgets it.
#include <stdatomic.h>
#include <stdio.h>
#include <weir/weir.h>

enum { ITEMS = 100, PLACES = 3, BUDGET = 8 };

// What is taken now, and the most that ever was.
struct gauge {
  atomic_int now, most;
};

static void enter(struct gauge *g, int weight) {
  int now = atomic_fetch_add(&g->now, weight) + weight, most = atomic_load(&g->most);
  while (now > most && !atomic_compare_exchange_weak(&g->most, &most, now)) {
  }
  weir_yield();
  atomic_fetch_sub(&g->now, weight);
}

// --- a group with a limit ----------------------------------------------------------------

static int convert(struct gauge *g, int *result, int item) {
  enter(g, 1);
  *result = item * item;
  return 0;
}

static void with_group(void) {
  static int results[ITEMS]; // each goroutine has its own element
  struct gauge gauge = {0};
  weir_group group = {0};
  weir_group_set_limit(&group, PLACES);
  for (int i = 0; i < ITEMS; i++)
    weir_group_go(&group, convert, &gauge, &results[i], i);
  int err = weir_group_wait(&group), sum = 0;
  for (int i = 0; i < ITEMS; i++)
    sum += results[i];
  printf("group: error %d, sum %d, limit %s\n", err, sum,
         atomic_load(&gauge.most) <= PLACES ? "kept" : "broken");
  weir_group_free(&group);
}

// --- a semaphore ------------------------------------------------------------------------

static void load(weir_sem *budget, struct gauge *g, int megabytes, int *loaded) {
  if (weir_sem_acquire(budget, NULL, megabytes)) return; // more than there will ever be
  weir_defer(weir_sem_release(budget, megabytes));
  enter(g, megabytes);
  *loaded = 1;
}

static void with_semaphore(void) {
  static int loaded[ITEMS];
  struct gauge gauge = {0};
  weir_sem budget = WEIR_SEM(BUDGET);
  weir_wg loading = {0};
  for (int i = 0; i < ITEMS; i++)
    weir_wg_go(&loading, load, &budget, &gauge, i % 10, &loaded[i]);
  weir_wg_wait(&loading);
  int count = 0;
  for (int i = 0; i < ITEMS; i++)
    count += loaded[i];
  printf("semaphore: %d loaded, %d too big, budget %s\n", count, ITEMS - count,
         atomic_load(&gauge.most) <= BUDGET ? "kept" : "broken");
}

int main(void) {
  with_group();
  with_semaphore();
}

// Output:
// group: error 0, sum 328350, limit kept
// semaphore: 90 loaded, 10 too big, budget kept
