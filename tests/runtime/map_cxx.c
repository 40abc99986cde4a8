// SPDX-License-Identifier: Apache-2.0
// RUN: %weir c++ --weir-no-race -Wall -Wextra -Werror -x c++ %s -o %t && %t
//
// Maps, pools and fences in C++.
#include <weir/weir.h>

static weir_fence ready;
static weir_pool pool = WEIR_POOL(int, nullptr, nullptr);

int main() {
  weir_map(const char *, long) m = weir_map_make(const char *, long);
  const char *key;
  long value = 0, sum = 0;
  int object;
  if (weir_map_store(m, "a", 5L) || weir_map_store(m, "b", 6L)) return 1;
  if (!weir_map_load(m, "a", &value) || value != 5) return 2;
  weir_map_range(m, &key, &value) sum += value * (*key == 'a' ? 1 : 10);
  weir_map_free(m);
  weir_fence_open(&ready);
  weir_fence_wait(&ready);
  weir_pool_put(&pool, &object);
  return weir_pool_get(&pool) == &object && sum == 65 ? 0 : 3;
}
