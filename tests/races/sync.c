// SPDX-License-Identifier: Apache-2.0
//
// Once, condition variable, semaphore, pool, map, fence, context, timers,
// groups, blocking calls, descriptors: what each orders, and the nearest thing
// that it does not.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

// --- once: its function is before the return of every call
static weir_once once;
static void make_x(void) {
  x = 1; // RACE: once
}
static void call_once_and(bool look) {
  weir_go_block(^{
    weir_once_do(&once, make_x);
    hidden_post();
  });
  hidden_wait(1);
  if (look) weir_once_do(&once, make_x);
  use(x); // RACE: once
}
static void once_racy(void) {
  call_once_and(false);
}
static void once_quiet(void) {
  call_once_and(true);
}

// Two calls that find it done are not ordered with each other.
static void nothing(void) {}
static void late_once(bool first) {
  if (!first) weir_once_do(&once, nothing);
  weir_go_block(^{
    if (!first) {
      x = 1; // RACE: once_late
      weir_once_do(&once, nothing);
    } else {
      weir_once_do(&once, make_x);
    }
    hidden_post();
  });
  hidden_wait(1);
  weir_once_do(&once, nothing);
  use(x); // RACE: once_late
}
static void once_late_racy(void) {
  late_once(false);
}
static void once_late_quiet(void) {
  late_once(true);
}

// --- condition variable
static weir_mutex mu;
static weir_cond cond;
static int condition;
static void signalled(bool after) {
  weir_go_block(^{
    if (!after) x = 1;
    weir_mutex_lock(&mu);
    condition = 1;
    weir_cond_signal(&cond);
    weir_mutex_unlock(&mu);
    if (after) x = 3; // RACE: cond
    hidden_post();
  });
  weir_mutex_lock(&mu);
  while (condition != 1)
    weir_cond_wait(&cond, &mu);
  weir_mutex_unlock(&mu);
  hidden_wait(1);
  x = 2; // RACE: cond
}
static void cond_racy(void) {
  signalled(true);
}
static void cond_quiet(void) {
  signalled(false);
}

// Of two that one broadcast wakes neither is ordered after what the other does
// outside the lock.
static void wake_both(bool inside) {
  for (int turn = 1; turn < 3; turn++)
    weir_go_block(^{
      weir_mutex_lock(&mu);
      while (!condition)
        weir_cond_wait(&cond, &mu);
      if (inside) x++;
      weir_mutex_unlock(&mu);
      hidden_wait(turn);
      if (!inside) x++; // RACE: broadcast
      hidden_post();
    });
  weir_mutex_lock(&mu);
  condition = 1;
  weir_cond_broadcast(&cond);
  weir_mutex_unlock(&mu);
  hidden_post();
  hidden_wait(3);
}
static void broadcast_racy(void) {
  wake_both(false);
}
static void broadcast_quiet(void) {
  wake_both(true);
}

// --- semaphore: with one unit it excludes, with two it does not
static weir_sem one = WEIR_SEM(1), two = WEIR_SEM(2);
static void take(weir_sem *sem, int turn) {
  hidden_wait(turn);
  MUST(weir_sem_acquire(sem, NULL, 1) == 0);
  x++; // RACE: semaphore
  hidden_post();
  if (sem == &two) hidden_wait(2); // both are inside
  weir_sem_release(sem, 1);
  hidden_post();
}
static void semaphore_racy(void) {
  weir_go(take, &two, 1);
  take(&two, 0);
  hidden_wait(4);
}
static void semaphore_quiet(void) {
  weir_go(take, &one, 1);
  take(&one, 0);
  hidden_wait(4);
}
static void tried(bool succeeds) {
  weir_go_block(^{
    MUST(weir_sem_acquire(&one, NULL, 1) == 0);
    x = 1; // RACE: semaphore_try
    if (succeeds) weir_sem_release(&one, 1);
    hidden_post();
  });
  hidden_wait(1);
  MUST(weir_sem_try(&one, 1) == succeeds);
  x = 2; // RACE: semaphore_try
}
static void semaphore_try_racy(void) {
  tried(false);
}
static void semaphore_try_quiet(void) {
  tried(true);
}

// --- pool: an object belongs to who got it, until it is put back
static void *make_object(void) {
  return calloc(1, 16);
}
static weir_pool pool = WEIR_POOL(char[16], make_object, free);
static void pooled(bool late) {
  weir_set_procs(1); // the object comes back from the same cache
  char *object = weir_pool_get(&pool);
  weir_go_block(^{
    hidden_wait(1);
    char *theirs = weir_pool_get(&pool); // RACE: pool
    MUST(theirs == object);
    theirs[8] = 2;
    hidden_post();
  });
  if (!late) object[8] = 3;
  weir_pool_put(&pool, object);
  if (late) object[8] = 3; // RACE: pool
  hidden_post();
  hidden_wait(2);
}
static void pool_racy(void) {
  pooled(true);
}
static void pool_quiet(void) {
  pooled(false);
}

// --- map: who finds an entry is ordered after who stored it
static void stored(int key, int looked_up) {
  weir_map(int, int) map = weir_map_make(int, int);
  weir_map_store(map, 2, 0);
  weir_go_block(^{
    x = 1; // RACE: map_entry
    weir_map_store(map, key, 1);
    hidden_post();
  });
  hidden_wait(1);
  MUST(weir_map_load(map, looked_up, NULL));
  x = 2; // RACE: map_entry
}
static void map_entry_racy(void) {
  stored(1, 2);
}
static void map_entry_quiet(void) {
  stored(1, 1);
}

// The calls read keys and values of the program, and write where it says.
static char key[8] = "key";
struct value {
  int part[17];
} value;
static weir_map(const char *, struct value) values;
static bool found;
static void changed_key(void) {
  key[1] = 'a'; // RACE: map_key
  hidden_post();
}
static void use_key(const char *which) {
  values = weir_map_make(const char *, struct value);
  weir_go(changed_key);
  hidden_wait(1);
  use(weir_map_load(values, which, NULL)); // RACE: map_key
}
static void map_key_racy(void) {
  use_key(key);
}
static void map_key_quiet(void) {
  use_key("other");
}
static void changed_value(void) {
  value.part[8] = 1; // RACE: map_value
  hidden_post();
}
static void store_value(struct value *which) {
  values = weir_map_make(const char *, struct value);
  weir_go(changed_value);
  hidden_wait(1);
  weir_map_store(values, "k", *which); // RACE: map_value
}
static void map_value_racy(void) {
  store_value(&value);
}
static void map_value_quiet(void) {
  static struct value other;
  store_value(&other);
}
static void loaded_by_other(void) {
  weir_map_load(values, "k", &value); // RACE: map_destination
  hidden_post();
}
static void load_into(struct value *which) {
  values = weir_map_make(const char *, struct value);
  weir_go(loaded_by_other);
  hidden_wait(1);
  use(which->part[8]); // RACE: map_destination
}
static void map_destination_racy(void) {
  load_into(&value);
}
static void map_destination_quiet(void) {
  static struct value other;
  load_into(&other);
}
static void told_by_other(void) {
  weir_map_swap(values, "k", value, NULL, &found); // RACE: map_flag
  hidden_post();
}
static void told(bool *which) {
  values = weir_map_make(const char *, struct value);
  weir_go(told_by_other);
  hidden_wait(1);
  use(*which); // RACE: map_flag
}
static void map_flag_racy(void) {
  told(&found);
}
static void map_flag_quiet(void) {
  static bool other;
  told(&other);
}

// The variable that holds the map is a variable.
static weir_map(const char *, struct value) spare;
static void map_replaced(void) {
  values = spare; // RACE: map_variable
  hidden_post();
}
static void map_variable(bool same) {
  weir_map(const char *, struct value) mine = values = weir_map_make(const char *, struct value);
  spare = weir_map_make(const char *, struct value);
  weir_go(map_replaced);
  hidden_wait(1);
  if (same)
    weir_map_delete(values, "k"); // RACE: map_variable
  else
    weir_map_delete(mine, "k");
}
static void map_variable_racy(void) {
  map_variable(true);
}
static void map_variable_quiet(void) {
  map_variable(false);
}

// --- fence
static weir_fence fence;
static void opened(bool after) {
  weir_go_block(^{
    if (!after) x = 1;
    weir_fence_open(&fence);
    if (after) x = 1; // RACE: fence
    hidden_post();
  });
  weir_fence_wait(&fence);
  hidden_wait(1);
  x = 2; // RACE: fence
}
static void fence_racy(void) {
  opened(true);
}
static void fence_quiet(void) {
  opened(false);
}

CASES(CASE(once), CASE(once_late), CASE(cond), CASE(broadcast), CASE(semaphore),
      CASE(semaphore_try), CASE(pool), CASE(map_entry), CASE(map_key), CASE(map_value),
      CASE(map_destination), CASE(map_flag), CASE(map_variable), CASE(fence))
