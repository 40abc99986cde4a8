// SPDX-License-Identifier: Apache-2.0
//
// C11 atomics: what release and acquire order, what relaxed ones and volatile do not, and that an
// atomic access beside a plain one is a race.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <stdatomic.h>
#include <stdint.h>

#include "cases.h"

static atomic_int s32;
static _Atomic int64_t s64;
static _Atomic(void *) pointer;
static atomic_flag flag;

// The second to add is ordered after the first; the first after nobody.
static void add_and_look(bool small, bool second, int turn) {
  hidden_wait(turn);
  if (turn) y = 1; // RACE: add, add_64
  int last = small ? atomic_fetch_add(&s32, 1) : (int)atomic_fetch_add(&s64, 1);
  hidden_post();
  if (!turn && !second) {
    hidden_wait(2);
    MUST(last == 0);
    y = 1; // RACE: add, add_64
    hidden_post();
  }
  if (turn && second && last == 1) x = 1;
}
static void adders(bool small, bool second) {
  weir_go_block(^{
    x = 1;
    add_and_look(small, second, 0);
  });
  add_and_look(small, second, 1);
  if (!second) hidden_wait(3);
}
static void add_racy(void) {
  adders(true, false);
}
static void add_quiet(void) {
  adders(true, true);
}
static void add_64_racy(void) {
  adders(false, false);
}
static void add_64_quiet(void) {
  adders(false, true);
}

// Each way to release with each way to acquire; the racy form releases before it writes.
enum give { ADD, STORE, CAS };
enum take { LOAD, CAS_BACK, EXCHANGE };
static void give(enum give how) {
  int zero = 0;
  if (how == ADD)
    atomic_fetch_add(&s32, 1);
  else if (how == STORE)
    atomic_store(&s32, 1);
  else
    MUST(atomic_compare_exchange_strong(&s32, &zero, 1));
}
static bool take(enum take how) {
  int one = 1;
  if (how == LOAD) return atomic_load(&s32) == 1;
  if (how == EXCHANGE) return atomic_exchange(&s32, 0) == 1;
  return atomic_compare_exchange_strong(&s32, &one, 0);
}
static void hand(enum give giver, enum take taker, bool late) {
  weir_go_block(^{
    if (!late) x = 2;
    give(giver);
    if (late) x = 2; // RACE: hand_*
    hidden_post();
  });
  while (!take(taker))
    weir_yield();
  if (late) hidden_wait(1);
  x = 1; // RACE: hand_*
}
#define HAND(name, giver, taker)   \
  static void name##_racy(void) {  \
    hand(giver, taker, true);      \
  }                                \
  static void name##_quiet(void) { \
    hand(giver, taker, false);     \
  }
HAND(hand_add_load, ADD, LOAD)
HAND(hand_store_load, STORE, LOAD)
HAND(hand_store_cas, STORE, CAS_BACK)
HAND(hand_cas_load, CAS, LOAD)
HAND(hand_cas_cas, CAS, CAS_BACK)
HAND(hand_store_exchange, STORE, EXCHANGE)

// A compare that fails acquires, too, unless it is told not to.
static void failing(memory_order on_failure) {
  weir_go_block(^{
    int zero = 0;
    x = 1; // RACE: failed_cas
    MUST(atomic_compare_exchange_strong(&s32, &zero, 1));
    hidden_post();
  });
  hidden_wait(1);
  int zero = 0;
  MUST(!atomic_compare_exchange_strong_explicit(&s32, &zero, 1, memory_order_seq_cst, on_failure));
  x = 2; // RACE: failed_cas
}
static void failed_cas_racy(void) {
  failing(memory_order_relaxed);
}
static void failed_cas_quiet(void) {
  failing(memory_order_acquire);
}

// Wide ones and pointers.
static void wide(bool late) {
  weir_go_block(^{
    if (!late) x = 2;
    atomic_store(&s64, INT64_C(1) << 40);
    if (late) x = 2; // RACE: wide
    hidden_post();
  });
  while (atomic_load(&s64) != INT64_C(1) << 40)
    weir_yield();
  if (late) hidden_wait(1);
  x = 1; // RACE: wide
}
static void wide_racy(void) {
  wide(true);
}
static void wide_quiet(void) {
  wide(false);
}
static int pointee[2];
static void published(bool late) {
  weir_go_block(^{
    if (!late) pointee[1] = 2;
    atomic_store_explicit(&pointer, pointee, memory_order_release);
    if (late) pointee[1] = 2; // RACE: pointer
    hidden_post();
  });
  int *p;
  while (!(p = atomic_load_explicit(&pointer, memory_order_acquire)))
    weir_yield();
  if (late) hidden_wait(1);
  p[1]++; // RACE: pointer
}
static void pointer_racy(void) {
  published(true);
}
static void pointer_quiet(void) {
  published(false);
}

// An atomic access and a plain one of the same object.
static atomic_int mixed;
#define plain (*(int *)&mixed)
#define MIXED(name, atomically, plainly)          \
  static void name(bool wait) {                   \
    weir_chan(int) done = weir_chan_make(int, 1); \
    weir_go_block(^{                              \
      atomically;                                 \
      weir_send(done, 1);                         \
      hidden_post();                              \
    });                                           \
    hidden_wait(1);                               \
    if (wait) weir_recv(done, NULL);              \
    plainly;                                      \
  }                                               \
  static void name##_racy(void) {                 \
    name(false);                                  \
  }                                               \
  static void name##_quiet(void) {                \
    name(true);                                   \
  }
MIXED(store_read, atomic_store(&mixed, 1), use(plain))       // RACE: store_read
MIXED(load_write, use(atomic_load(&mixed)), plain = 1)       // RACE: load_write
MIXED(add_read, atomic_fetch_add(&mixed, 1), use(plain))     // RACE: add_read
MIXED(add_write, atomic_fetch_add(&mixed, 1), plain = 42)    // RACE: add_write
MIXED(exchange_write, atomic_exchange(&mixed, 1), plain = 2) // RACE: exchange_write

// An atomic load beside a plain read is none, and the initialization of an atomic is plain.
static void loads(bool write) {
  weir_go_block(^{
    use(atomic_load_explicit(&mixed, memory_order_relaxed)); // RACE: load_beside_read
    hidden_post();
  });
  hidden_wait(1);
  if (write) plain = 1; // RACE: load_beside_read
  use(plain);
}
static void load_beside_read_racy(void) {
  loads(true);
}
static void load_beside_read_quiet(void) {
  loads(false);
}
static atomic_int made;
static void initialized(bool late) {
  weir_go_block(^{
    hidden_wait(1);
    use(atomic_load(&made)); // RACE: init
    hidden_post();
  });
  if (!late) use(0);
  if (late) atomic_init(&made, 3); // RACE: init
  if (!late) atomic_store(&made, 3);
  hidden_post();
  hidden_wait(2);
}
static void init_racy(void) {
  initialized(true);
}
static void init_quiet(void) {
  initialized(false);
}

// The order of memory that was asked for is what counts, not what the processor does.
static void ordered(memory_order store, memory_order load) {
  weir_go_block(^{
    x = 2; // RACE: relaxed_store, relaxed_load
    atomic_store_explicit(&s32, 1, store);
  });
  while (!atomic_load_explicit(&s32, load))
    weir_yield();
  x = 1; // RACE: relaxed_store, relaxed_load
}
static void relaxed_store_racy(void) {
  ordered(memory_order_relaxed, memory_order_acquire);
}
static void relaxed_store_quiet(void) {
  ordered(memory_order_release, memory_order_acquire);
}
static void relaxed_load_racy(void) {
  ordered(memory_order_release, memory_order_relaxed);
}
static void relaxed_load_quiet(void) {
  ordered(memory_order_seq_cst, memory_order_seq_cst);
}

// A read-modify-write in between carries on what was released before it; a relaxed store does not.
static void continued(bool by_add) {
  weir_go_block(^{
    x = 2; // RACE: release_sequence
    atomic_store_explicit(&s32, 1, memory_order_release);
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(1);
    if (by_add)
      atomic_fetch_add_explicit(&s32, 1, memory_order_relaxed);
    else
      atomic_store_explicit(&s64, 2, memory_order_relaxed);
    hidden_post();
  });
  hidden_wait(2);
  if (by_add)
    MUST(atomic_load_explicit(&s32, memory_order_acquire) == 2);
  else
    MUST(atomic_load_explicit(&s64, memory_order_acquire) == 2);
  x = 1; // RACE: release_sequence
}
static void release_sequence_racy(void) {
  continued(false);
}
static void release_sequence_quiet(void) {
  continued(true);
}

// A lock of the program's own.
static void spin(bool acquire, int turn) {
  hidden_wait(turn);
  while (atomic_flag_test_and_set_explicit(&flag,
                                           acquire ? memory_order_acquire : memory_order_relaxed))
    weir_yield();
  x++; // RACE: spin_lock
  atomic_flag_clear_explicit(&flag, memory_order_release);
  hidden_post();
}
static void spin_lock_racy(void) {
  weir_go(spin, false, 0);
  spin(false, 1);
}
static void spin_lock_quiet(void) {
  weir_go(spin, true, 0);
  spin(true, 1);
}

// Checked twice, locked once: the first look must be atomic.
static weir_mutex mu;
static int *made_once;
static int *get(bool atomically) {
  int *p =
      atomically ? __atomic_load_n(&made_once, __ATOMIC_ACQUIRE) : made_once; // RACE: checked_twice
  if (p) return p;
  weir_guard(&mu);
  if (!__atomic_load_n(&made_once, __ATOMIC_RELAXED)) {
    __atomic_store_n(&made_once, &x, __ATOMIC_RELEASE); // RACE: checked_twice
  }
  return &x;
}
static void checked_twice(bool atomically) {
  weir_go_block(^{
    get(true);
    hidden_post();
  });
  hidden_wait(1);
  use(get(atomically) != NULL);
}
static void checked_twice_racy(void) {
  checked_twice(false);
}
static void checked_twice_quiet(void) {
  checked_twice(true);
}

// volatile orders nothing and is a plain access; a loop that waits for one is a race itself.
static volatile int v;
static _Atomic int real;
static void by_volatile(bool atomically) {
  weir_go_block(^{
    if (atomically)
      atomic_store(&real, 1);
    else
      v = 1; // RACE: volatile_flag
    hidden_post();
  });
  hidden_wait(1);
  if (atomically)
    use(atomic_load(&real));
  else
    use(v); // RACE: volatile_flag
}
static void volatile_flag_racy(void) {
  by_volatile(false);
}
static void volatile_flag_quiet(void) {
  by_volatile(true);
}

// Neighbours in one word.
struct {
  _Atomic char one;
  char two;
} pair; // external: what is never read would not be written either
static void neighbours(bool same) {
  weir_go_block(^{
    atomic_store(&pair.one, 1); // RACE: neighbour
    hidden_post();
  });
  hidden_wait(1);
  char *at = same ? (char *)&pair.one : &pair.two;
  *at = 1; // RACE: neighbour
}
static void neighbour_racy(void) {
  neighbours(true);
}
static void neighbour_quiet(void) {
  neighbours(false);
}

CASES(CASE(add), CASE(add_64), CASE(hand_add_load), CASE(hand_store_load), CASE(hand_store_cas),
      CASE(hand_cas_load), CASE(hand_cas_cas), CASE(hand_store_exchange), CASE(failed_cas),
      CASE(wide), CASE(pointer), CASE(store_read), CASE(load_write), CASE(add_read),
      CASE(add_write), CASE(exchange_write), CASE(load_beside_read), CASE(init),
      CASE(relaxed_store), CASE(relaxed_load), CASE(release_sequence), CASE(spin_lock),
      CASE(checked_twice), CASE(volatile_flag), CASE(neighbour))
