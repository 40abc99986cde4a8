// SPDX-License-Identifier: Apache-2.0
//
// C11 fences: what a release fence gives to later relaxed stores, and an acquire fence takes from
// earlier relaxed loads; and that they order nothing else.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <pthread.h>
#include <stdatomic.h>

#include "forms.h"

#define RELAXED memory_order_relaxed
#define RELEASE memory_order_release
#define ACQUIRE memory_order_acquire

static atomic_int flag, other;

static void start(void (*fn)(bool), bool racy) {
  weir_go_block(^{
    fn(racy);
    hidden_post();
  });
}

// --- a message: the fence is before the store, and after the load
static void send(bool racy) {
  if (!racy) x = 1;
  atomic_thread_fence(RELEASE);
  if (racy) x = 1; // RACE: message_late
  atomic_store_explicit(&flag, 1, RELAXED);
}
static void message_late(bool racy) {
  start(send, racy);
  hidden_wait(1);
  MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  atomic_thread_fence(ACQUIRE);
  x = 2; // RACE: message_late
}

static void send_well(bool racy) {
  (void)racy;
  x = 1; // RACE: message_early, no_load, other_flag, acquire_load, wrapped, full, in_thread
  atomic_thread_fence(RELEASE);
  atomic_store_explicit(&flag, 1, RELAXED);
}
static void message_early(bool racy) {
  start(send_well, racy);
  hidden_wait(1);
  MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  if (racy) x = 2; // RACE: message_early
  atomic_thread_fence(ACQUIRE);
  if (!racy) x = 2;
}
// A fence alone, or with a load of something else, takes nothing.
static void no_load(bool racy) {
  start(send_well, racy);
  hidden_wait(1);
  if (!racy) MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  atomic_thread_fence(memory_order_seq_cst);
  x = 2; // RACE: no_load
}
static void other_flag(bool racy) {
  start(send_well, racy);
  hidden_wait(1);
  atomic_load_explicit(racy ? &other : &flag, RELAXED);
  atomic_thread_fence(ACQUIRE);
  x = 2; // RACE: other_flag
}

// --- with an operation that has its order itself on the other side
static void acquire_load(bool racy) {
  start(send_well, racy);
  hidden_wait(1);
  MUST(atomic_load_explicit(&flag, racy ? RELAXED : ACQUIRE) == 1);
  x = 2; // RACE: acquire_load
}
static void send_by_store(bool racy) {
  x = 1; // RACE: acquire_fence
  atomic_store_explicit(&flag, 1, racy ? RELAXED : RELEASE);
}
static void acquire_fence(bool racy) {
  start(send_by_store, racy);
  hidden_wait(1);
  MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  atomic_thread_fence(ACQUIRE);
  x = 2; // RACE: acquire_fence
}

// --- fences of other forms
static void write_barrier(void) {
  atomic_thread_fence(RELEASE);
}
static void read_barrier(void) {
  atomic_thread_fence(ACQUIRE);
}
static int look(atomic_int *at) {
  return atomic_load_explicit(at, RELAXED);
}
static void send_wrapped(bool racy) {
  send_well(racy);
  write_barrier();
  atomic_store_explicit(&other, 1, RELAXED);
}
static void wrapped(bool racy) {
  start(send_wrapped, racy);
  hidden_wait(1);
  if (!racy) MUST(look(&other) == 1);
  read_barrier();
  x = 2; // RACE: wrapped
}
static void full(bool racy) {
  start(send_well, racy);
  hidden_wait(1);
  if (racy) x = 2; // RACE: full
  MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  __sync_synchronize();
  if (!racy) x = 2;
}

// --- read-modify-write: the last to give up a reference frees the object
struct counted {
  atomic_int references;
  int value;
};
static struct counted *shared;
static void give_up(struct counted *c, bool racy) {
  const memory_order order = racy ? RELAXED : RELEASE;
  if (atomic_fetch_sub_explicit(&c->references, 1, order) != 1) return; // RACE: counted_
  atomic_thread_fence(ACQUIRE);
  c->value = 0;
  free(c); // RACE: counted_
}
static void first_user(bool racy) {
  shared->value++;
  give_up(shared, racy);
}
static void counted_(bool racy) {
  shared = malloc(sizeof *shared);
  shared->references = 2;
  shared->value = 1;
  start(first_user, racy);
  hidden_wait(1);
  give_up(shared, racy);
}

// --- a sequence lock: the data are atomic and relaxed, fences keep them between the numbers
static struct {
  atomic_uint sequence;
  _Atomic long low, high;
  long plain;
} versioned;
static void new_version(bool racy) {
  unsigned now = atomic_load_explicit(&versioned.sequence, RELAXED);
  atomic_store_explicit(&versioned.sequence, now + 1, RELAXED);
  atomic_thread_fence(RELEASE);
  atomic_store_explicit(&versioned.low, 1, RELAXED);
  atomic_store_explicit(&versioned.high, 1, RELAXED);
  if (!racy) versioned.plain = 1;
  atomic_store_explicit(&versioned.sequence, now + 2, RELEASE);
  if (racy) versioned.plain = 1; // RACE: seqlock
}
static void seqlock(bool racy) {
  start(new_version, racy);
  hidden_wait(1);
  unsigned before, after;
  long low, high;
  do {
    before = atomic_load_explicit(&versioned.sequence, ACQUIRE);
    low = atomic_load_explicit(&versioned.low, RELAXED);
    high = atomic_load_explicit(&versioned.high, RELAXED);
    atomic_thread_fence(ACQUIRE);
    after = atomic_load_explicit(&versioned.sequence, RELAXED);
  } while (before != after || before % 2);
  MUST(low == high);
  use(versioned.plain); // RACE: seqlock
}

// --- OS threads
static void *send_from_thread(void *racy) {
  send_well(racy != NULL);
  hidden_post();
  return NULL;
}
static void in_thread(bool racy) {
  pthread_t thread;
  MUST(pthread_create(&thread, NULL, send_from_thread, NULL) == 0);
  hidden_wait(1);
  MUST(atomic_load_explicit(&flag, RELAXED) == 1);
  if (!racy) atomic_thread_fence(ACQUIRE);
  x = 2; // RACE: in_thread
  pthread_join(thread, NULL);
}

FORMS(message_late)
FORMS(message_early)
FORMS(no_load)
FORMS(other_flag)
FORMS(acquire_load)
FORMS(acquire_fence)
FORMS(wrapped)
FORMS(full)
FORMS(counted_)
FORMS(seqlock)
FORMS(in_thread)

CASES(CASE(message_late), CASE(message_early), CASE(no_load), CASE(other_flag), CASE(acquire_load),
      CASE(acquire_fence), CASE(wrapped), CASE(full), CASE(counted_), CASE(seqlock),
      CASE(in_thread))
