// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O2 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4 8; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The object pool: what was put comes back, to one at a time, from whatever worker; it keeps a
// bounded number; every object that was made is dropped in the end, once.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

struct thing {
  int users;    // ordered by the pool alone
  long uses[8]; // as that
};
static atomic_int made, dropped;

static void *make(void) {
  atomic_fetch_add(&made, 1);
  return calloc(1, sizeof(struct thing));
}
static void drop(void *object) {
  struct thing *t = object;
  CHECK_EQ(t->users, 0);
  atomic_fetch_add(&dropped, 1);
  free(object);
}
static weir_pool things = WEIR_POOL(struct thing, make, drop);

static void comes_back(void) {
  weir_pool empty = WEIR_POOL(int, NULL, NULL);
  int a, b;
  CHECK(weir_pool_get(&empty) == NULL);
  weir_pool_put(&empty, NULL);
  CHECK(weir_pool_get(&empty) == NULL);
  weir_pool_put(&empty, &a);
  weir_pool_put(&empty, &b);
  void *first = weir_pool_get(&empty), *second = weir_pool_get(&empty);
  CHECK((first == &a && second == &b) || (first == &b && second == &a));
  CHECK(weir_pool_get(&empty) == NULL);
  weir_pool_put(&empty, &a);
  CHECK_EQ(weir_pool_drain(&empty), 1);
  CHECK_EQ(weir_pool_drain(&empty), 0);
  CHECK(weir_pool_get(&empty) == NULL);
  weir_pool_free(&empty);
  weir_pool_free(&empty);
  weir_pool_put(&empty, &a); // and on it goes
  CHECK(weir_pool_get(&empty) == &a);
  weir_pool_free(&empty);
}

static void made_when_empty(void) {
  struct thing *t = weir_pool_get(&things);
  CHECK_EQ(atomic_load(&made), 1);
  weir_pool_put(&things, t);
  CHECK(weir_pool_get(&things) == t);
  CHECK_EQ(atomic_load(&made), 1);
  weir_pool_put(&things, t);
  CHECK_EQ(weir_pool_drain(NULL), 1); // of all pools
  CHECK_EQ(atomic_load(&dropped), 1);
}

static void bounded(void) {
  enum { MANY = 20000 };
  int before = atomic_load(&dropped);
  for (int i = 0; i < MANY; i++)
    weir_pool_put(&things, make());
  int over = atomic_load(&dropped) - before;
  CHECK(over >= MANY - 64 * 62);
  CHECK_EQ(weir_pool_drain(&things), MANY - over);
  CHECK_EQ(atomic_load(&dropped), atomic_load(&made));
}

static void use(int rounds) {
  for (int i = 0; i < rounds; i++) {
    struct thing *t = weir_pool_get(&things), *u = i % 3 ? NULL : weir_pool_get(&things);
    CHECK_EQ(++t->users, 1);
    t->uses[i % 8]++;
    if (i % 16 == 0) weir_yield(); // may go on elsewhere
    CHECK_EQ(--t->users, 0);
    weir_pool_put(&things, t);
    weir_pool_put(&things, u);
    if (i % 500 == 0) weir_pool_drain(&things);
  }
}
static void *use_in_thread(void *arg) {
  use(*(int *)arg);
  return NULL;
}
static void one_at_a_time(void) {
  pthread_t thread;
  weir_wg wg = {0};
  int rounds = 3000;
  pthread_create(&thread, NULL, use_in_thread, &rounds);
  for (int i = 0; i < 8; i++)
    weir_wg_go(&wg, use, rounds);
  weir_wg_wait(&wg);
  pthread_join(thread, NULL);
  weir_pool_drain(&things);
  CHECK_EQ(atomic_load(&dropped), atomic_load(&made));
}

// When nothing can be made any more, what other pools keep is dropped first.
static int budget = 3;
static void *make_from_budget(void) {
  return budget ? budget--, malloc(1) : NULL;
}
static void back_to_budget(void *object) {
  free(object);
  budget++;
}
static void short_of_memory(void) {
  weir_pool one = WEIR_POOL(char, make_from_budget, back_to_budget);
  weir_pool other = WEIR_POOL(char, make_from_budget, back_to_budget);
  void *a = weir_pool_get(&one), *b = weir_pool_get(&one), *c = weir_pool_get(&one);
  CHECK(a && b && c);
  CHECK(weir_pool_get(&other) == NULL);
  weir_pool_put(&one, a);
  CHECK((a = weir_pool_get(&other)) != NULL); // given up by `one`
  CHECK(weir_pool_get(&other) == NULL);
  weir_pool_put(&one, a), weir_pool_put(&one, b), weir_pool_put(&other, c);
  weir_pool_free(&one), weir_pool_free(&other);
  CHECK_EQ(budget, 3);
}

int main(void) {
  comes_back();
  made_when_empty();
  bounded();
  one_at_a_time();
  short_of_memory();
  weir_pool_free(&things);
}
