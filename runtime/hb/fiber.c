// SPDX-License-Identifier: Apache-2.0
//
// fiber.h. Which fiber runs is a thread-local word, set at every switch; it is read and written
// only in functions that no switch happens in. Lock: pool.lock, a leaf.
#include "hb/fiber.h"

#include "base/check.h"
#include "hb/fence.h"
#include "hb/tsan.h"
#include "os/loaded.h"
#include "os/lock.h"
#include "os/memory.h"

struct fiber {
  void *tsan;
  struct weir_order_log *log;
  struct weir_fences *fences; // NULL: none used
  struct fiber *next;         // free
  bool of_thread;             // ThreadSanitizer made and ends it with the thread
};

static _Thread_local struct fiber *running __attribute__((tls_model("initial-exec")));

static struct {
  struct weir_lock lock;
  struct fiber *free;
} pool;

static struct fiber *take(void) {
  enum { N = WEIR_PAGE / sizeof(struct fiber) };
  weir_lock_acquire(&pool.lock);
  if (!pool.free) {
    struct fiber *page = weir_mem_map(WEIR_PAGE);
    if (!page) weir_fatal("out of memory for the race detector's fibers");
    for (size_t i = 0; i < N; i++)
      page[i].next = i + 1 < N ? &page[i + 1] : NULL;
    pool.free = page;
  }
  struct fiber *f = pool.free;
  pool.free = f->next;
  weir_lock_release(&pool.lock);
  *f = (struct fiber){0};
  return f;
}

struct weir_order_log *weir_fiber_log(void) {
  return running ? running->log : NULL;
}

struct weir_fences **weir_fiber_fences(void) {
  return running ? &running->fences : NULL;
}

void *weir_fiber_new(const char *name, uint64_t goid, const void *go_pc) {
  struct fiber *f = take();
  weir_order_ref from = 0;
  if (goid && running && running->log) {
    running->log->call = (struct weir_order_call){.pc = (uintptr_t)go_pc, .op = WEIR_SYNC_GO};
    from = weir_order_note(running->log, WEIR_ORDER_RELEASE, 0);
  }
  if (goid) f->log = weir_order_log_new(goid, from);
  f->tsan = weir_tsan_fiber(name);
  return f;
}

void *weir_fiber_of_thread(const char *name, uint64_t goid) {
  struct fiber *f = take();
  f->tsan = weir_tsan_current();
  f->of_thread = true;
  if (goid) {
    f->log = weir_order_log_new(goid, 0);
    weir_tsan_fiber_name(f->tsan, name);
  }
  running = f;
  return f;
}

// A new thread counts as having written all its thread-local variables, and nothing orders that
// before the goroutines that will run there: forgotten.
static void forget_thread_locals(void) {
  uintptr_t high = (uintptr_t)__builtin_thread_pointer();
  size_t size = weir_loaded_thread_local() / 8 * 8;
  weir_tsan_reset_shadow((const void *)(high - size), size);
}

void *weir_hb_fiber_current(void) {
  if (!weir_hb_fibers) return NULL;
  forget_thread_locals();
  return weir_fiber_of_thread(NULL, 0);
}

void weir_hb_fiber_free(void *fiber) {
  struct fiber *f = fiber;
  if (!f) return;
  weir_order_log_end(f->log);
  weir_fences_free(f->fences);
  if (f->of_thread)
    running = NULL;
  else
    weir_tsan_fiber_free(f->tsan);
  weir_lock_acquire(&pool.lock);
  f->next = pool.free;
  pool.free = f;
  weir_lock_release(&pool.lock);
}

// Not instrumented in a checked build: it begins on one fiber and ends on the other.
__attribute__((disable_sanitizer_instrumentation)) void weir_hb_fiber_switch(void *to) {
  struct fiber *f = to;
  if (!f) return;
  running = f;
  weir_tsan_switch(f->tsan);
}
