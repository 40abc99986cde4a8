// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in fence fence_late fence_ctx fence_asked fence_new once_value once_place; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in map_store map_delete map_delete_text map_find_or_add map_swap map_take \
// RUN:   map_compare map_clear map_range map_text map_many_dead map_new; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in map_other_key map_two_stores map_load_store map_older_store map_replaced \
// RUN:   map_len map_never map_failed_compare map_delete_nothing map_deleted_later \
// RUN:   map_other_deleted map_dst map_key map_freed; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// RUN: for s in pool_object pool_drop pool_own_lock; do echo $s; %t $s || exit 1; done
// RUN: for s in pool_other_object pool_late_use pool_late_read pool_while_used pool_get_put; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// RUN: for s in fence_second_open fence_not_open fence_gave_up fence_waiters once_value_late; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// As edges.c, for fence, once values, map and pool: in the first list the write of x is ordered
// before the read, in the second it is not, though every run does one after the other. One worker,
// no preemption.
#include <stdlib.h>

#include "edges.h"

static void let_park(void) {
  for (int i = 0; i < 10; i++)
    weir_yield();
}
// --- fence ---------------------------------------------------------------------------------------
static weir_fence gate;

static void write_open(void) {
  write_x();
  weir_fence_open(&gate);
  reach(1);
}
static void wait_read(void) {
  weir_fence_wait(&gate);
  read_x();
  reach(2);
}
static void fence(void) { // to those who wait
  weir_go(wait_read);
  let_park();
  weir_go(write_open);
  await(2);
}
static void fence_late(void) {
  weir_go(write_open);
  await(1);
  weir_fence_wait(&gate);
  read_x();
}
static void wait_ctx_read(weir_ctx *ctx) {
  CHECK_EQ(weir_fence_wait_ctx(&gate, ctx), 0);
  read_x();
  reach(2);
}
static void fence_ctx(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_go(wait_ctx_read, ctx);
  let_park();
  weir_go(write_open);
  await(2);
}
static void fence_asked(void) {
  weir_go(write_open);
  await(1);
  CHECK(weir_fence_is_open(&gate));
  read_x();
}
static void fence_new(void) { // in memory that another was in: silent
  weir_fence *f = malloc(sizeof *f);
  for (int i = 0; i < 2; i++) {
    memset(f, 0, sizeof *f);
    weir_fence_open(f);
    weir_fence_wait(f);
  }
  free(f);
}
static void fence_second_open(void) {
  weir_fence_open(&gate);
  weir_go(write_open);
  await(1);
  weir_fence_wait(&gate);
  read_x();
}
static void write_ask(void) {
  write_x();
  CHECK(!weir_fence_is_open(&gate));
  reach(1);
}
static void fence_not_open(void) { // asking is before nothing
  weir_go(write_ask);
  await(1);
  weir_fence_open(&gate);
  read_x();
}
static void write_give_up(weir_ctx *ctx) {
  write_x();
  CHECK(weir_fence_wait_ctx(&gate, ctx) != 0);
  reach(1);
}
static void fence_gave_up(void) {
  weir_go(write_give_up, weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(1)));
  await(1);
  weir_fence_open(&gate);
  weir_fence_wait(&gate);
  read_x();
}
static void write_wait(void) {
  write_x();
  weir_fence_wait(&gate);
  reach(2);
}
static void fence_waiters(void) { // two that wait are not ordered
  weir_go(write_wait);
  weir_go(wait_read);
  let_park();
  weir_fence_open(&gate);
  await(2);
  let_park();
}

// --- once values
// -----------------------------------------------------------------------------------
static weir_once once;
static int place;
static int make(void) {
  write_x();
  reach(1);
  let_park();
  return 5;
}
static void ask(void) {
  weir_once_value(&once, &place, make);
  reach(2);
}
static void once_value(void) {
  weir_go(ask);
  await(1); // it is in the function
  CHECK_EQ(weir_once_value(&once, &place, make), 5);
  read_x();
}
static void once_place(void) { // the place itself may be read afterwards
  weir_go(ask);
  await(2);
  weir_once_func(&once, abort);
  CHECK_EQ(place, 5);
  read_x();
}
static void write_ask_late(void) {
  write_x();
  weir_once_func(&once, abort);
  reach(1);
}
static void nothing(void) {}
static void once_value_late(void) { // a call that finds it done is before nothing
  weir_once_func(&once, nothing);
  weir_go(write_ask_late);
  await(1);
  weir_once_func(&once, abort);
  read_x();
}

// --- map ---------------------------------------------------------------------------------------
static weir_map(int, long) map;
static weir_map(const char *, long) texts;
static long value;

static void store(int key, long v) {
  CHECK_EQ(weir_map_store(map, key, v), 0);
}
static void write_store(int key, long v) {
  write_x();
  store(key, v);
  reach(1);
}
static void other_stores(long v) { // and is done
  reach(0);
  weir_go(write_store, 1, v);
  await(1);
}
static void write_delete(int key) {
  write_x();
  weir_map_delete(map, key);
  reach(1);
}
static void map_store(void) {
  other_stores(5);
  CHECK(weir_map_load(map, 1, &value) && value == 5);
  read_x();
}
static void map_delete(void) { // finding it gone
  for (int i = 0; i < 3; i++) {
    bool was = true;
    reach(0);
    store(1, 5);
    weir_go(write_delete, 1);
    await(1);
    if (i == 0) CHECK(!weir_map_load(map, 1, &value));
    if (i == 1) CHECK(!weir_map_load_and_delete(map, 1, NULL));
    if (i == 2) CHECK(!weir_map_load_or_store(map, 1, 3, NULL, &was) && !was);
    read_x();
  }
}
static void write_delete_text(void) {
  write_x();
  CHECK(weir_map_load_and_delete(texts, "key", NULL));
  reach(1);
}
static void map_delete_text(void) {
  CHECK_EQ(weir_map_store(texts, "key", 1), 0);
  weir_go(write_delete_text);
  await(1);
  CHECK(!weir_map_compare_and_delete(texts, "key", 1));
  read_x();
}
static void map_find_or_add(void) {
  bool was = false;
  other_stores(5);
  CHECK_EQ(weir_map_load_or_store(map, 1, 6, &value, &was), 0);
  CHECK(was && value == 5);
  read_x();
}
static void write_find_or_add(void) {
  write_x();
  CHECK_EQ(weir_map_load_or_store(map, 1, 6, NULL, NULL), 0);
  reach(1);
}
static void map_swap(void) {
  other_stores(5);
  CHECK(!weir_map_swap(map, 1, 6, &value, NULL) && value == 5);
  read_x();
  reach(0);
  weir_map_clear(map);
  weir_go(write_find_or_add);
  await(1);
  CHECK(weir_map_load(map, 1, NULL));
  read_x();
}
static void map_take(void) {
  other_stores(5);
  CHECK(weir_map_load_and_delete(map, 1, &value) && value == 5);
  read_x();
}
static void write_compare(void) {
  write_x();
  CHECK(weir_map_compare_and_swap(map, 1, 5, 6));
  reach(1);
}
static void map_compare(void) {
  other_stores(5);
  CHECK(weir_map_compare_and_swap(map, 1, 5, 4));
  read_x();
  other_stores(5);
  CHECK(!weir_map_compare_and_swap(map, 1, 7, 4)); // has seen that it is another
  read_x();
  reach(0);
  weir_go(write_compare);
  await(1);
  CHECK(weir_map_compare_and_delete(map, 1, 6));
  read_x();
}
static void write_clear(void) {
  write_x();
  weir_map_clear(map);
  reach(1);
}
static void map_clear(void) {
  store(1, 5);
  weir_go(write_clear);
  await(1);
  CHECK(!weir_map_load(map, 1, NULL));
  read_x();
}
static void map_range(void) {
  int key;
  other_stores(5);
  weir_map_range(map, &key, &value) {
    read_x();
    return;
  }
  CHECK(!"empty");
}
static void read_texts(void) {
  const char *key;
  CHECK_EQ(weir_map_store(texts, "key", 1), 0);
  weir_map_range(texts, &key, NULL) CHECK_EQ(strlen(key) + (size_t)key[0], 3 + 'k');
  reach(1);
}
static void map_text(void) { // the map's copy of a key, read there and freed here: silent
  char name[16];
  weir_go(read_texts);
  await(1);
  weir_map_delete(texts, "key");
  for (int i = 0; i < 40000; i++) { // more than are kept: it is freed
    sprintf(name, "%d", i);
    CHECK_EQ(weir_map_store(texts, name, i), 0);
    weir_map_delete(texts, name);
  }
}
static void map_many_dead(void) { // more than are kept
  for (int i = 0; i < 40000; i++)
    store(i, i);
  weir_go(write_clear);
  await(1);
  for (int i = 0; i < 40000; i++)
    CHECK(!weir_map_load(map, i, NULL));
  read_x();
}
static void map_new(void) { // in memory that another was in
  for (int i = 0; i < 3; i++) {
    weir_map_free(map);
    map = weir_map_make(int, long);
    other_stores(i);
    CHECK(weir_map_load(map, 1, NULL));
    weir_map_delete(map, 1);
    read_x();
  }
}

static void map_other_key(void) {
  store(2, 1);
  other_stores(5);
  CHECK(weir_map_load(map, 2, NULL));
  read_x();
}
static void map_two_stores(void) {
  other_stores(5);
  store(1, 6);
  read_x();
}
static void write_load(void) {
  write_x();
  CHECK(weir_map_load(map, 1, NULL));
  reach(1);
}
static void map_load_store(void) {
  store(1, 5);
  weir_go(write_load);
  await(1);
  CHECK(!weir_map_swap(map, 1, 6, NULL, NULL));
  read_x();
}
static void map_older_store(void) { // what was replaced is seen by nobody
  other_stores(5);
  store(1, 6);
  CHECK(weir_map_load(map, 1, NULL));
  read_x();
}
static void map_replaced(void) { // what was found before it was replaced
  store(1, 6);
  CHECK(weir_map_load(map, 1, NULL));
  other_stores(5);
  read_x();
}
static void map_len(void) {
  other_stores(5);
  CHECK_EQ(weir_map_len(map), 1);
  read_x();
}
static void map_never(void) { // a key that never was
  other_stores(5);
  CHECK(!weir_map_load(map, 2, NULL));
  read_x();
}
static void write_failed_compare(void) {
  write_x();
  CHECK(!weir_map_compare_and_swap(map, 1, 9, 9));
  CHECK(!weir_map_compare_and_delete(map, 1, 9));
  reach(1);
}
static void map_failed_compare(void) {
  store(1, 5);
  weir_go(write_failed_compare);
  await(1);
  CHECK(weir_map_load(map, 1, NULL));
  read_x();
}
static void map_delete_nothing(void) { // changes nothing
  weir_go(write_delete, 1);
  await(1);
  CHECK(!weir_map_load(map, 1, NULL));
  read_x();
}
static void map_deleted_later(void) { // the delete is seen, not the store before it
  other_stores(5);
  weir_map_delete(map, 1);
  CHECK(!weir_map_load(map, 1, NULL));
  read_x();
}
static void map_other_deleted(void) {
  store(1, 1), store(2, 2);
  weir_map_delete(map, 2);
  weir_go(write_delete, 1);
  await(1);
  CHECK(!weir_map_load(map, 2, NULL));
  read_x();
}
static void load_value(void) {
  weir_map_load(map, 1, &value);
  reach(1);
}
static void map_dst(void) { // two write to the same place
  weir_go(load_value);
  await(1);
  weir_map_load(map, 1, &value);
}
static void use(weir_map(int, long) m) {
  weir_map_load(m, 1, NULL);
  reach(1);
}
static void map_freed(void) { // freeing must be ordered after every use
  weir_go(use, map);
  await(1);
  weir_map_free(map);
}
static char text[] = "key";
static void write_text(void) {
  text[0] = 'K';
  reach(1);
}
static void map_key(void) { // the caller's key is read
  weir_go(write_text);
  await(1);
  weir_map_load(texts, text, NULL);
}

// --- pool --------------------------------------------------------------------------------------
struct object {
  weir_mutex mu;
  int n;
};
static struct object objects[2];
static void drop_object(void *o) {
  ((struct object *)o)->n = 0;
  read_x();
}
static weir_pool pool = WEIR_POOL(struct object, NULL, drop_object);

static void write_put(struct object *o) {
  write_x();
  o->n++;
  weir_pool_put(&pool, o);
  reach(1);
}
static void pool_object(void) {
  for (int i = 0; i < 3; i++) { // of a goroutine each time
    reach(0);
    weir_go(write_put, &objects[0]);
    await(1);
    struct object *o = weir_pool_get(&pool);
    CHECK_EQ(++o->n, 2 * i + 2);
    read_x();
  }
}
static void pool_drop(void) {
  weir_go(write_put, &objects[0]);
  await(1);
  CHECK_EQ(weir_pool_drain(&pool), 1);
  weir_pool_free(&pool); // made by the other goroutine
}
static void lock_put(void) {
  weir_mutex_lock(&objects[0].mu);
  weir_mutex_unlock(&objects[0].mu);
  write_put(&objects[0]);
}
static void pool_own_lock(void) { // the lock in the object keeps its edges
  weir_go(lock_put);
  await(1);
  struct object *o = weir_pool_get(&pool);
  weir_guard(&o->mu);
  read_x();
}
static void pool_other_object(void) { // the get of what this goroutine put itself
  weir_go(write_put, &objects[0]);
  await(1);
  weir_pool_put(&pool, &objects[1]);
  CHECK(weir_pool_get(&pool) == &objects[1]); // newest first
  read_x();
}
static void put_then_use(struct object *o, bool writes) {
  weir_pool_put(&pool, o);
  if (writes)
    o->n = 1;
  else
    __atomic_store_n(&seen, o->n, __ATOMIC_RELAXED);
  reach(1);
}
static void pool_late_use(void) {
  weir_go(put_then_use, &objects[0], true);
  await(1);
  weir_pool_get(&pool); // does not even touch it
}
static void pool_late_read(void) {
  weir_go(put_then_use, &objects[0], false);
  await(1);
  weir_pool_get(&pool);
}
static void keep_using(struct object *o) {
  o->n = 1;
  reach(1);
}
static void pool_while_used(void) { // put by one goroutine, in use by another
  weir_go(keep_using, &objects[0]);
  await(1);
  weir_pool_put(&pool, &objects[0]);
}
static void write_get(void) {
  write_x();
  CHECK(weir_pool_get(&pool) == &objects[0]);
  reach(1);
}
static void pool_get_put(void) { // a get is before nothing
  weir_pool_put(&pool, &objects[0]);
  weir_go(write_get);
  await(1);
  weir_pool_put(&pool, &objects[1]);
  CHECK(weir_pool_get(&pool) == &objects[1]);
  read_x();
}

int main(int argc, char **argv) {
#undef CASE
#define CASE(fn) \
  if (argc > 1 && !strcmp(argv[1], #fn)) return fn(), 0;
  CASE(fence)
  CASE(fence_late)
  CASE(fence_ctx)
  CASE(fence_asked)
  CASE(fence_new)
  CASE(once_value)
  CASE(once_place)
  CASE(fence_second_open)
  CASE(fence_not_open)
  CASE(fence_gave_up)
  CASE(fence_waiters)
  CASE(once_value_late)
  map = weir_map_make(int, long);
  texts = weir_map_make(const char *, long);
  CASE(map_store)
  CASE(map_delete)
  CASE(map_delete_text)
  CASE(map_find_or_add)
  CASE(map_swap)
  CASE(map_take)
  CASE(map_compare)
  CASE(map_clear)
  CASE(map_range)
  CASE(map_text)
  CASE(map_many_dead)
  CASE(map_new)
  CASE(map_other_key)
  CASE(map_two_stores)
  CASE(map_load_store)
  CASE(map_older_store)
  CASE(map_replaced)
  CASE(map_len)
  CASE(map_never)
  CASE(map_failed_compare)
  CASE(map_delete_nothing)
  CASE(map_deleted_later)
  CASE(map_other_deleted)
  CASE(map_dst)
  CASE(map_key)
  CASE(map_freed)
  CASE(pool_object)
  CASE(pool_drop)
  CASE(pool_own_lock)
  CASE(pool_other_object)
  CASE(pool_late_use)
  CASE(pool_late_read)
  CASE(pool_while_used)
  CASE(pool_get_put)
  CHECK(!"a known case");
}
