// SPDX-License-Identifier: Apache-2.0
//
// Timers: one 4-ary heap of pointers ordered by time, under one lock, fired by the monitor
// thread without the lock. A timer knows its place (index, counted from 1), so
// cancelling is O(log n). `firing` names the one whose fire function runs now; a cancel
// that must be sure waits for it.
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "os/futex.h"
#include "os/memory.h"
#include "sched/g.h"

static struct {
  struct weir_lock lock;
  struct weir_timer_ **heap; // heap[1..count]
  uint32_t count, room;
  _Atomic int64_t next; // heap[1]->when or INT64_MAX; written under lock
  struct weir_timer_ *_Atomic firing;
  _Atomic long starts;
  struct weir_timer_ *_Atomic settle; // the settler's own: nobody waits for it
} timers = {.next = INT64_MAX};

static void place(uint32_t at, struct weir_timer_ *t) {
  timers.heap[at] = t;
  t->index = at;
}

static uint32_t parent_of(uint32_t i) {
  return (i - 2) / 4 + 1;
}
static uint32_t first_child_of(uint32_t i) {
  return 4 * (i - 1) + 2;
}

static void sift_up(uint32_t i, struct weir_timer_ *t) {
  while (i > 1 && timers.heap[parent_of(i)]->when > t->when) {
    place(i, timers.heap[parent_of(i)]);
    i = parent_of(i);
  }
  place(i, t);
}

static void sift_down(uint32_t i, struct weir_timer_ *t) {
  for (;;) {
    uint32_t child = first_child_of(i), least = 0;
    for (uint32_t c = child; c < child + 4 && c <= timers.count; c++)
      if (!least || timers.heap[c]->when < timers.heap[least]->when) least = c;
    if (!least || timers.heap[least]->when >= t->when) break;
    place(i, timers.heap[least]);
    i = least;
  }
  place(i, t);
}

static void publish_next(void) {
  atomic_store_explicit(&timers.next, timers.count ? timers.heap[1]->when : INT64_MAX,
                        memory_order_release);
}

// Doubles the heap. From address space of its own: timers must not depend on malloc's locks.
static void grow(void) {
  uint32_t room = timers.room ? timers.room * 2 : 1024;
  struct weir_timer_ **bigger = weir_mem_map(room * sizeof *bigger);
  if (!bigger) weir_fatal("out of memory for timer %u", timers.count + 1);
  for (uint32_t i = 1; i <= timers.count; i++)
    bigger[i] = timers.heap[i];
  if (timers.heap) weir_mem_unmap(timers.heap, timers.room * sizeof *timers.heap);
  timers.heap = bigger;
  timers.room = room;
}

static void remove_at(uint32_t i) {
  struct weir_timer_ *gone = timers.heap[i], *last = timers.heap[timers.count--];
  gone->index = 0;
  if (gone != last) {
    if (i > 1 && timers.heap[parent_of(i)]->when > last->when)
      sift_up(i, last);
    else
      sift_down(i, last);
  }
  publish_next();
}

void weir_timer_start_(struct weir_timer_ *t) {
  weir_sched_ensure();
  weir_lock_acquire(&timers.lock);
  if (timers.count + 1 >= timers.room) grow();
  sift_up(++timers.count, t);
  bool earliest = t->index == 1;
  int64_t when = t->when; // it may fire, and be gone, as soon as the lock is released
  publish_next();
  weir_lock_release(&timers.lock);
  if (earliest) weir_monitor_wake_for(when);
}

bool weir_timer_cancel_(struct weir_timer_ *t, bool wait) {
  weir_lock_acquire(&timers.lock);
  bool pending = t->index != 0;
  if (pending) remove_at(t->index);
  weir_lock_release(&timers.lock);
  while (wait && !pending && atomic_load_explicit(&timers.firing, memory_order_acquire) == t)
    weir_cpu_relax();
  return pending;
}

int64_t weir_timers_next(void) {
  return atomic_load_explicit(&timers.next, memory_order_acquire);
}

void weir_timers_fire(int64_t now) {
  for (;;) {
    weir_lock_acquire(&timers.lock);
    struct weir_timer_ *t = timers.count ? timers.heap[1] : NULL;
    if (!t || t->when > now) {
      weir_lock_release(&timers.lock);
      return;
    }
    atomic_store_explicit(&timers.firing, t, memory_order_relaxed);
    remove_at(1);
    weir_lock_release(&timers.lock);
    t->fire(t); // may free t
    atomic_store_explicit(&timers.firing, NULL, memory_order_release);
  }
}

void weir_timer_starts_(long more) {
  atomic_fetch_add_explicit(&timers.starts, more, memory_order_release);
}

bool weir_timers_start_any(void) {
  return atomic_load_explicit(&timers.starts, memory_order_acquire) > 0;
}

bool weir_timers_any(void) {
  weir_lock_acquire(&timers.lock);
  struct weir_timer_ *own = atomic_load(&timers.settle);
  uint32_t n = timers.count - (own && own->index ? 1 : 0);
  weir_lock_release(&timers.lock);
  return n > 0;
}

void weir_settle_arm(struct weir_timer_ *t) {
  atomic_store(&timers.settle, t);
  if (t) weir_timer_start_(t);
}

void weir_timers_hold(void) {
  weir_lock_acquire(&timers.lock);
}
void weir_timers_release(void) {
  weir_lock_release(&timers.lock);
}

void weir_inspect_timers(void (*fn)(const void *timer, const void *owner, void *arg), void *arg) {
  struct weir_timer_ *firing = atomic_load(&timers.firing);
  for (uint32_t i = 1; i <= timers.count; i++)
    fn(timers.heap[i], timers.heap[i]->arg, arg);
  if (firing) fn(firing, NULL, arg); // what it belongs to may be gone
}
