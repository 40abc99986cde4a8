// SPDX-License-Identifier: Apache-2.0
//
// The edges of C11's fences, which ThreadSanitizer does not know. A release fence gives what came
// before it to every later relaxed store, and an acquire fence takes what every earlier relaxed
// load has met; so each goroutine that needs it has two fibers beside its own, on which nothing
// ever runs:
//
//   published   knows what the goroutine knew at its last release fence; a relaxed store is
//   announced
//               as a release by this fiber
//   met         acquires what relaxed loads come by; an acquire fence lets the goroutine have it
//
// The compiler plugin calls these functions beside atomic operations that lack an order, and asks
// first whether the program has fences at all. A store is announced before it is made and a
// load after, so what another thread does in between can only add an edge, never lack one.
//
// A struct weir_fences is used by its goroutine alone; those of threads that the runtime does not
// know are kept by pthread.
#include "hb/fence.h"

#include <pthread.h>
#include <stdatomic.h>
#include <weir/abi.h>

#include "base/check.h"
#include "base/hooks.h"
#include "hb/fiber.h"
#include "hb/tsan.h"
#include "os/lock.h"
#include "os/memory.h"

struct weir_fences {
  void *published, *met; // TSan's fibers; NULL: not needed yet
  char handed, taken;    // what they and the goroutine's own fiber synchronise on
  struct weir_fences *next;
};

WEIR_TSAN_WEAK void __tsan_acquire(void *addr);
WEIR_TSAN_WEAK void __tsan_release(void *addr);

__attribute__((visibility("default"))) uint8_t __weir_fences;
static pthread_key_t of_thread;

static struct {
  struct weir_lock lock;
  struct weir_fences *free;
} pool;

static struct weir_fences *take(void) {
  enum { N = WEIR_PAGE / sizeof(struct weir_fences) };
  weir_lock_acquire(&pool.lock);
  if (!pool.free) {
    struct weir_fences *page = weir_mem_map(WEIR_PAGE);
    if (!page) weir_fatal("out of memory for the race detector's fences");
    for (size_t i = 0; i < N; i++)
      page[i].next = i + 1 < N ? &page[i + 1] : NULL;
    pool.free = page;
  }
  struct weir_fences *f = pool.free;
  pool.free = f->next;
  weir_lock_release(&pool.lock);
  *f = (struct weir_fences){0};
  return f;
}

void weir_fences_free(struct weir_fences *f) {
  if (!f) return;
  if (f->published) weir_tsan_fiber_free(f->published);
  if (f->met) weir_tsan_fiber_free(f->met);
  weir_lock_acquire(&pool.lock);
  f->next = pool.free;
  pool.free = f;
  weir_lock_release(&pool.lock);
}

static void thread_ends(void *fences) {
  weir_fences_free(fences);
}

// Those of the caller; NULL: none, or, if they shall be made, no race detector.
static struct weir_fences *of_self(bool make) {
  struct weir_fences **place = weir_fiber_fences(), *f;
  if (!weir_hb_on) return NULL;
  f = place ? *place : pthread_getspecific(of_thread);
  if (f || !make) return f;
  f = take();
  if (place)
    *place = f;
  else
    pthread_setspecific(of_thread, f);
  return f;
}

// Has another fiber acquire or release.
static void as(void *fiber, void (*what)(void *), void *sync) {
  void *self = weir_tsan_current();
  weir_tsan_switch(fiber);
  what(sync);
  weir_tsan_switch(self);
}

static void release_only(void *sync) {
  weir_tsan_release_store(sync);
}

void __weir_fences_used(void) {
  if (__atomic_load_n(&__weir_fences, __ATOMIC_RELAXED)) return;
  if (pthread_key_create(&of_thread, thread_ends) == 0)
    __atomic_store_n(&__weir_fences, 1, __ATOMIC_RELAXED);
  else
    weir_warn("no room for the race detector's fences: what they order is reported as races");
}

void __weir_fence(int order) {
  struct weir_fences *f = of_self(true);
  if (!f || !__atomic_load_n(&__weir_fences, __ATOMIC_RELAXED)) return;
  const bool acquires = order != memory_order_release && order != memory_order_relaxed;
  if (acquires && f->met) {
    as(f->met, release_only, &f->taken);
    __tsan_acquire(&f->taken);
  }
  if (order != memory_order_release && order != memory_order_acq_rel &&
      order != memory_order_seq_cst)
    return;
  if (!f->published) f->published = weir_tsan_fiber("fence");
  weir_tsan_release_store(&f->handed);
  as(f->published, __tsan_acquire, &f->handed);
}

void __weir_fence_store(void *at) {
  struct weir_fences *f = of_self(false);
  if (f && f->published) as(f->published, __tsan_release, at);
}

void __weir_fence_load(void *at) {
  struct weir_fences *f = of_self(true);
  if (!f) return;
  if (!f->met) f->met = weir_tsan_fiber("fence");
  as(f->met, __tsan_acquire, at);
}
