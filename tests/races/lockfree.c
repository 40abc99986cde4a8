// SPDX-License-Identifier: Apache-2.0
//
// Lock-free structures as programs have them, right and with one order too weak; what lies on
// stacks that are cut short; and atomics of sizes that no instruction fits.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py -- %s %t %weir %weircc -latomic
#include <setjmp.h>
#include <stdatomic.h>
#include <stdint.h>

#include "forms.h"

#define RELAXED memory_order_relaxed
#define RELEASE memory_order_release
#define ACQUIRE memory_order_acquire

struct node {
  struct node *next;
  long value;
};
static struct node *new_node(long value) {
  struct node *n = malloc(sizeof *n); // RACE: stack_, published, pointer_swap
  n->value = value;
  return n;
}

// --- a stack whose head has a number against reuse, 16 bytes wide
static _Atomic struct head {
  struct node *top;
  uintptr_t pushes;
} stack;
static void push(bool racy) {
  struct head now = {0}, new = {new_node(1), 1};
  new.top->next = NULL;
  MUST(atomic_compare_exchange_strong_explicit(&stack, &now, new, racy ? RELAXED : RELEASE,
                                               RELAXED));
  hidden_post();
}
static void stack_(bool racy) {
  weir_go(push, racy);
  hidden_wait(1);
  struct head now = atomic_load_explicit(&stack, ACQUIRE);
  use(now.top->value); // RACE: stack_
}

// --- a pointer that is published, and one that replaces another
static _Atomic(struct node *) current;
static void publish(bool racy) {
  atomic_store_explicit(&current, new_node(2), racy ? RELAXED : RELEASE);
  hidden_post();
}
static void published(bool racy) {
  weir_go(publish, racy);
  hidden_wait(1);
  use(atomic_load_explicit(&current, memory_order_consume)->value); // RACE: published
}
static void swap(bool racy) {
  struct node *old =
      atomic_exchange_explicit(&current, new_node(3), racy ? RELAXED : memory_order_acq_rel);
  free(old);
  hidden_post();
}
static void pointer_swap(bool racy) {
  atomic_store(&current, NULL);
  weir_go(swap, racy);
  hidden_wait(1);
  use(atomic_load(&current)->value); // RACE: pointer_swap
}

// --- hazard pointers: who frees looks first whether somebody reads
static _Atomic(struct node *) hazard;
static void read_protected(void) {
  struct node *n;
  do {
    n = atomic_load_explicit(&current, RELAXED);
    atomic_store_explicit(&hazard, n, RELAXED);
    atomic_thread_fence(memory_order_seq_cst);
  } while (n != atomic_load_explicit(&current, ACQUIRE));
  use(n->value);
  atomic_store_explicit(&hazard, NULL, RELEASE);
  hidden_post();
}
static void read_late(struct node *n) {
  atomic_store_explicit(&hazard, NULL, RELEASE);
  use(n->value); // RACE: hazard_late
  hidden_post();
}
static void reclaim(void) {
  struct node *old = atomic_exchange(&current, NULL);
  atomic_thread_fence(memory_order_seq_cst);
  MUST(atomic_load_explicit(&hazard, ACQUIRE) == NULL);
  free(old); // RACE: hazard_late
}
static void hazard_late(bool racy) {
  struct node *n = new_node(4);
  atomic_store(&current, n);
  if (racy)
    weir_go(read_late, n);
  else
    weir_go(read_protected);
  hidden_wait(1);
  reclaim();
}

// --- readers that count themselves: the writer waits for them, then frees
static atomic_int readers;
static void read_counted(bool racy) {
  atomic_fetch_add_explicit(&readers, 1, ACQUIRE);
  use(atomic_load_explicit(&current, ACQUIRE)->value); // RACE: grace
  atomic_fetch_sub_explicit(&readers, 1, racy ? RELAXED : RELEASE);
  hidden_post();
}
static void grace(bool racy) {
  atomic_store(&current, new_node(5));
  weir_go(read_counted, racy);
  hidden_wait(1);
  struct node *old = atomic_exchange(&current, NULL);
  while (atomic_load_explicit(&readers, ACQUIRE))
    weir_yield();
  free(old); // RACE: grace
}

// --- a ring of one producer and one consumer
static struct {
  int slots[4];
  atomic_uint head, tail;
} ring;
static void produce(bool racy) {
  unsigned at = atomic_load_explicit(&ring.head, RELAXED);
  ring.slots[at % 4] = 1; // RACE: ring_
  atomic_store_explicit(&ring.head, at + 1, racy ? RELAXED : RELEASE);
  hidden_post();
}
static void ring_(bool racy) {
  weir_go(produce, racy);
  hidden_wait(1);
  unsigned at = atomic_load_explicit(&ring.tail, RELAXED);
  MUST(atomic_load_explicit(&ring.head, ACQUIRE) != at);
  use(ring.slots[at % 4]); // RACE: ring_
  atomic_store_explicit(&ring.tail, at + 1, RELEASE);
}

// --- a lock of tickets, made of atomics in a struct beside what it guards
static struct {
  atomic_uint next, serving;
  int guarded;
} tickets;
static void take_ticket(void) {
  unsigned mine = atomic_fetch_add_explicit(&tickets.next, 1, RELAXED);
  while (atomic_load_explicit(&tickets.serving, ACQUIRE) != mine)
    weir_yield();
}
static void ticket_user(bool racy) {
  take_ticket();
  tickets.guarded++; // RACE: ticket_lock
  atomic_fetch_add_explicit(&tickets.serving, 1, racy ? RELAXED : RELEASE);
  hidden_post();
}
static void ticket_lock(bool racy) {
  weir_go(ticket_user, racy);
  hidden_wait(1);
  take_ticket();
  tickets.guarded++; // RACE: ticket_lock
}

// --- made once, looked at first without the lock
static struct node *made;
static _Atomic(struct node *) made_atomic;
static weir_mutex making;
static struct node *get(bool racy) {
  struct node *n = racy ? made : atomic_load_explicit(&made_atomic, ACQUIRE); // RACE: checked_first
  if (n) return n;
  weir_mutex_lock(&making);
  n = malloc(sizeof *n);
  n->value = 6;
  if (racy)
    made = n; // RACE: checked_first
  else
    atomic_store_explicit(&made_atomic, n, RELEASE);
  weir_mutex_unlock(&making);
  return n;
}
static void getter(bool racy) {
  get(racy);
  hidden_post();
}
static void checked_first(bool racy) {
  weir_go(getter, racy);
  hidden_wait(1);
  struct node *n = get(racy);
  if (!racy) use(n->value);
}

// --- atomics that are larger than any instruction, and of long double
struct wide {
  long part[3];
};
static _Atomic struct wide wide;
static _Atomic long double sum;
static void store_wide(bool racy) {
  struct wide v = {{1, 2, 3}};
  x = 1; // RACE: large
  atomic_store_explicit(&wide, v, racy ? RELAXED : RELEASE);
  hidden_post();
}
static void large(bool racy) {
  weir_go(store_wide, racy);
  hidden_wait(1);
  struct wide v = atomic_load_explicit(&wide, ACQUIRE);
  MUST(v.part[2] == 3);
  use(x); // RACE: large
}
static void add(bool racy) {
  if (!racy) x = 1;
  sum += 1;
  if (racy) x = 1; // RACE: long_double
  hidden_post();
}
static void long_double(bool racy) {
  weir_go(add, racy);
  hidden_wait(1);
  sum += 1;
  use(x); // RACE: long_double
}

// --- arrays of variable length and jumps out of their functions, on a stack that others see
static long *borrowed;
static jmp_buf back;
static void fill(int n) {
  borrowed[n - 1] = 1; // RACE: variable_array
  hidden_post();
}
static void variable_array(bool racy) {
  int n = opaque(5);
  long array[n];
  borrowed = array;
  weir_go(fill, racy ? n : n - 1);
  hidden_wait(1);
  array[n - 1] = 2; // RACE: variable_array
  use(array[n - 1]);
}
__attribute__((noinline)) static void leaves(int depth) {
  volatile long local[16] = {0};
  local[depth] = depth;
  if (depth == 0) longjmp(back, 1);
  leaves(depth - 1);
  use(local[depth]);
}
static void jumps(bool racy) {
  for (int i = 0; i < 3; i++)
    if (setjmp(back) == 0) leaves(5);
  if (!racy) weir_mutex_lock(&making);
  x++; // RACE: jumped
  if (!racy) weir_mutex_unlock(&making);
  hidden_post();
}
static void jumped(bool racy) {
  weir_go(jumps, racy);
  hidden_wait(1);
  if (!racy) weir_mutex_lock(&making);
  x++; // RACE: jumped
  if (!racy) weir_mutex_unlock(&making);
}

FORMS(stack_)
FORMS(published)
FORMS(pointer_swap)
FORMS(hazard_late)
FORMS(grace)
FORMS(ring_)
FORMS(ticket_lock)
FORMS(checked_first)
FORMS(large)
FORMS(long_double)
FORMS(variable_array)
FORMS(jumped)

CASES(CASE(stack_), CASE(published), CASE(pointer_swap), CASE(hazard_late), CASE(grace),
      CASE(ring_), CASE(ticket_lock), CASE(checked_first), CASE(large), CASE(long_double),
      CASE(variable_array), CASE(jumped))
