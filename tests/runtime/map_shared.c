// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O2 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4 8; do WEIR_OPTIONS=procs=$n MALLOC_PERTURB_=165 %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The concurrent map under several goroutines: no update is lost, one of those who race to add,
// swap or delete wins, a value is never torn, and a range sees every entry that stays.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

enum { GOROUTINES = 8, ROUNDS = 4000, KEYS = 50 };
static weir_map(int, long) counts;
static atomic_long added, deleted;

static void increment(unsigned seed) {
  for (int i = 0; i < ROUNDS; i++) {
    int key = rand_r(&seed) % KEYS;
    long old = 0;
    for (;;) {
      bool was = false;
      CHECK_EQ(weir_map_load_or_store(counts, key, 0, &old, &was), 0);
      if (!was) atomic_fetch_add(&added, 1);
      if (weir_map_compare_and_swap(counts, key, old, old + 1)) break;
    }
    if (i % 64 == 0) weir_yield();
  }
}
static void no_update_lost(void) {
  weir_wg wg = {0};
  long sum = 0, value;
  int key;
  counts = weir_map_make(int, long);
  for (int i = 0; i < GOROUTINES; i++)
    weir_wg_go(&wg, increment, 1u + i);
  weir_wg_wait(&wg);
  weir_map_range(counts, &key, &value) sum += value;
  CHECK_EQ(sum, GOROUTINES * ROUNDS);
  CHECK_EQ(atomic_load(&added), KEYS);
  weir_map_free(counts);
}

// Every value that goes in comes out once: by swap, by load_and_delete, or at the end.
static weir_map(const char *, long) tokens;
static atomic_long in, out;
static const char *const names[] = {"a", "bb", "ccc", "dddd", "eeeee", "ffffff"};
static void exchange(unsigned seed) {
  for (int i = 0; i < ROUNDS; i++) {
    const char *name = names[rand_r(&seed) % 6];
    long token = 0, mine = (long)seed << 16 | i;
    if (i % 3) {
      CHECK_EQ(weir_map_swap(tokens, name, mine, &token, NULL), 0);
      atomic_fetch_add(&in, mine);
    } else if (i % 2) {
      weir_map_load_and_delete(tokens, name, &token);
    } else if (weir_map_load(tokens, name, &token)) {
      if (!weir_map_compare_and_delete(tokens, name, token)) token = 0;
    }
    atomic_fetch_add(&out, token);
  }
}
static void nothing_lost(void) {
  weir_wg wg = {0};
  const char *name;
  long token;
  tokens = weir_map_make(const char *, long);
  for (int i = 0; i < GOROUTINES; i++)
    weir_wg_go(&wg, exchange, 100u + i);
  weir_wg_wait(&wg);
  weir_map_range(tokens, &name, &token) atomic_fetch_add(&out, token);
  CHECK(atomic_load(&in) == atomic_load(&out));
  weir_map_free(tokens);
}

// Values of two words that belong together; entries that come and go beside some that stay.
struct pair {
  long n, twice;
};
static weir_map(long, struct pair) pairs;
static atomic_bool stop;
static void churn(unsigned seed) {
  while (!atomic_load(&stop)) {
    long key = rand_r(&seed) % 200, n = rand_r(&seed);
    if (key < 100) // stays
      CHECK_EQ(weir_map_store(pairs, key, ((struct pair){n, 2 * n})), 0);
    else if (n % 2)
      CHECK_EQ(weir_map_store(pairs, key, ((struct pair){n, 2 * n})), 0);
    else
      weir_map_delete(pairs, key);
    weir_yield();
  }
}
static void look(void) {
  for (int round = 0; round < 100; round++) {
    char seen[200] = {0};
    struct pair p;
    long key, stayed = 0;
    weir_map_range(pairs, &key, &p) {
      CHECK(key >= 0 && key < 200 && p.twice == 2 * p.n && !seen[key]++);
      stayed += key < 100;
      if (key % 16 == 0) weir_yield(); // on an entry that may go meanwhile
    }
    CHECK_EQ(stayed, 100);
    CHECK(weir_map_load(pairs, round, &p) && p.twice == 2 * p.n);
    size_t n = weir_map_len(pairs);
    CHECK(n >= 100 && n <= 200);
  }
}
static void range_beside_changes(void) {
  weir_wg lookers = {0}, churners = {0};
  pairs = weir_map_make(long, struct pair);
  for (long key = 0; key < 100; key++)
    weir_map_store(pairs, key, ((struct pair){key, 2 * key}));
  for (int i = 0; i < 4; i++)
    weir_wg_go(&churners, churn, 7u + i), weir_wg_go(&lookers, look);
  weir_wg_wait(&lookers);
  atomic_store(&stop, true);
  weir_wg_wait(&churners);
  weir_map_free(pairs);
}

static void clear_it(int id) {
  for (int i = 0; i < 300; i++) {
    long key = id * 1000 + i, value;
    CHECK_EQ(weir_map_store(counts, (int)key, key), 0);
    if (i % 10 == 0) weir_map_clear(counts);
    if (weir_map_load_and_delete(counts, (int)key, &value)) {
      CHECK_EQ(value, key);
      atomic_fetch_add(&deleted, 1);
    }
    weir_yield();
  }
}
static void cleared_together(void) {
  weir_wg wg = {0};
  counts = weir_map_make(int, long);
  for (int i = 0; i < GOROUTINES; i++)
    weir_wg_go(&wg, clear_it, i);
  weir_wg_wait(&wg);
  CHECK_EQ(weir_map_len(counts), 0);
  CHECK(atomic_load(&deleted) <= GOROUTINES * 300 - GOROUTINES * 30);
  weir_map_free(counts);
}

int main(void) {
  no_update_lost();
  nothing_lost();
  range_beside_changes();
  cleared_together();
}
