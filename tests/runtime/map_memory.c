// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
//
// Out of memory, at every allocation in turn: making a map gives NULL, a call that would add an
// entry ENOMEM, and the map is then as it was. What needs no memory goes on working.
#include <errno.h>
#include <stdlib.h>

#include "check.h"

void *__libc_malloc(size_t size);
void *__libc_memalign(size_t align, size_t size);
static long left = -1; // allocations that succeed; -1: all

static bool allowed(void) {
  return left < 0 || left-- > 0;
}
void *malloc(size_t size) {
  if (left == 0) return NULL;
  return allowed() ? __libc_malloc(size) : NULL;
}
void *aligned_alloc(size_t align, size_t size) {
  if (left == 0) return NULL;
  return allowed() ? __libc_memalign(align, size) : NULL;
}

static void check(weir_map(const char *, int) m, int n) {
  char text[32];
  CHECK_EQ(weir_map_len(m), n);
  for (int i = 0, v; i < n; i++) {
    sprintf(text, "key %d", i);
    CHECK(weir_map_load(m, text, &v) && v == i);
  }
}

int main(void) {
  left = 0;
  CHECK(weir_map_make(int, int) == NULL);
  left = -1;
  weir_map(const char *, int) m = weir_map_make(const char *, int);
  char text[32];
  int failures = 0, v;
  bool was = true;
  for (int i = 0; i < 2000; i++) {
    sprintf(text, "key %d", i);
    for (long allow = 0;; allow++) { // a new entry, a new table, a bigger table
      left = allow;
      int err = i % 3 == 0   ? weir_map_store(m, text, i)
                : i % 3 == 1 ? weir_map_load_or_store(m, text, i, &v, &was)
                             : weir_map_swap(m, text, i, &v, &was);
      left = -1;
      if (!err) break;
      CHECK_EQ(err, ENOMEM);
      CHECK(!weir_map_load(m, text, NULL));
      CHECK_EQ(weir_map_len(m), i);
      failures++;
    }
  }
  CHECK(failures > 2000); // more than one way to fail was met
  check(m, 2000);
  left = 0;
  CHECK_EQ(weir_map_store(m, "key 7", 7), 0); // replaces
  CHECK(weir_map_compare_and_swap(m, "key 7", 7, 8) && weir_map_compare_and_swap(m, "key 7", 8, 7));
  CHECK_EQ(weir_map_swap(m, "key 7", 7, &v, &was), 0);
  check(m, 2000);
  const char *key;
  weir_map_range(m, &key, &v) weir_map_delete(m, key);
  check(m, 0);
  left = -1;
  weir_map_free(m);
}
