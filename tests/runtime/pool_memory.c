// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t
//
// A pool that gets no memory for its caches keeps nothing, drops what is put, and works when there
// is memory again.
#include <stdlib.h>

#include "check.h"

void *__libc_memalign(size_t align, size_t size);
static int failures, dropped;
void *aligned_alloc(size_t align, size_t size) {
  return failures-- > 0 ? NULL : __libc_memalign(align, size);
}

static int object;
static void *make(void) {
  return &object;
}
static void drop(void *it) {
  CHECK(it == &object);
  dropped++;
}

int main(void) {
  weir_pool pool = WEIR_POOL(int, make, drop);
  failures = 2;
  for (int i = 0; i < 4; i++) {
    CHECK(weir_pool_get(&pool) == &object);
    weir_pool_put(&pool, &object);
    CHECK_EQ(dropped, i < 2 ? i + 1 : 2);
  }
  CHECK_EQ(weir_pool_drain(&pool), 1);
  CHECK_EQ(dropped, 3);
  weir_pool_free(&pool);
}
