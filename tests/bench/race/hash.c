// SPDX-License-Identifier: Apache-2.0
//
// A thread counts numbers in a hash table with open addressing that grows, and looks
// up as many again.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct entry {
  uint64_t key;
  uint32_t count;
};
struct table {
  struct entry *entries;
  size_t mask, used;
};

static uint64_t mix(uint64_t x) {
  x ^= x >> 31;
  x *= 0x9e3779b97f4a7c15u;
  return x ^ x >> 29;
}

static struct entry *find(const struct table *t, uint64_t key) {
  size_t i = mix(key) & t->mask;
  while (t->entries[i].count && t->entries[i].key != key)
    i = (i + 1) & t->mask;
  return &t->entries[i];
}

static void grow(struct table *t) {
  struct table bigger = {calloc(2 * (t->mask + 1), sizeof *t->entries), 2 * t->mask + 1, t->used};
  for (size_t i = 0; i <= t->mask; i++)
    if (t->entries[i].count) *find(&bigger, t->entries[i].key) = t->entries[i];
  free(t->entries);
  *t = bigger;
}

static void count(struct table *t, uint64_t key) {
  struct entry *e = find(t, key);
  if (!e->count++) {
    e->key = key;
    if (++t->used * 2 > t->mask) grow(t);
  }
}

static void *work(void *arg) {
  struct table *t = arg;
  uint64_t x = 1, found = 0;
  for (int i = 0; i < 10000000; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    count(t, x >> 51);
    found += find(t, x >> 47 & 0x3fff)->count;
  }
  return (void *)(uintptr_t)found;
}

int main(void) {
  struct table t = {calloc(16, sizeof(struct entry)), 15, 0};
  pthread_t thread;
  void *found;
  pthread_create(&thread, NULL, work, &t);
  pthread_join(thread, &found);
  printf("%zu %zu\n", t.used, (size_t)found);
}
