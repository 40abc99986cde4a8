// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: not %t fence 2>&1 | FileCheck --check-prefix=FENCE %s
// RUN: not %t map 2>&1 | FileCheck --check-prefix=MAP %s
// RUN: not %t pool 2>&1 | FileCheck --check-prefix=POOL %s
// FENCE: worker) opened fence gate at shared_last_sync.c:[[# @LINE + 26]] in worker
// FENCE: main) passed fence gate at shared_last_sync.c
// MAP: worker) used a map at shared_last_sync.c:[[# @LINE + 26]] in worker
// MAP: main) used a map at shared_last_sync.c
// POOL: worker) put an object into a pool at shared_last_sync.c:[[# @LINE + 26]] in worker
// POOL: main) got an object from a pool at shared_last_sync.c
//
// A race report says what the two sides last did with each other: here a fence, a map and a pool,
// after which one side goes on writing.
#include <stdatomic.h>
#include <string.h>
#include <weir/weir.h>

const char *weir_default_options(void) {
  return "procs=1";
}

int x;
static atomic_bool done;
static int objects[2];
static weir_fence gate;
static weir_map(int, int) map;
static weir_pool pool = WEIR_POOL(int, NULL, NULL);

static void worker(const char *how) {
  if (!strcmp(how, "fence"))
    weir_fence_open(&gate);
  else if (!strcmp(how, "map"))
    weir_map_store(map, 1, 1);
  else
    weir_pool_put(&pool, &objects[0]);
  x = 1;
  atomic_store_explicit(&done, true, memory_order_relaxed);
}

int main(int argc, char **argv) {
  map = weir_map_make(int, int);
  weir_go(worker, (const char *)argv[argc - 1]);
  while (!atomic_load_explicit(&done, memory_order_relaxed))
    weir_yield();
  if (!strcmp(argv[1], "fence"))
    weir_fence_wait(&gate);
  else if (!strcmp(argv[1], "map"))
    weir_map_load(map, 1, NULL);
  else
    weir_pool_get(&pool);
  return x ? 0 : 1;
}
