// SPDX-License-Identifier: Apache-2.0
//
// weir_blocking: a function that blocks its thread runs on a helper thread while the goroutine
// is parked, so that its worker, and main, go on.
//
// The pool. A caller counts itself in before it parks, and starts another helper if there are
// now more calls than helpers without one; so no call waits for another to end (until HELPERS
// are busy, or no thread can be made). The job, which stands on the caller's stack, is
// handed over only when the caller's context is saved. Helpers without work are woken newest
// first and end after KEEP_NS.
//
// Race detection: a helper takes on the fiber of the goroutine it works for. So to a race
// detector the function simply is a part of that goroutine, with all edges that follow. What the
// helper's stack was used for before, by other goroutines, is forgotten first.
//
// Rest. Helpers are no foreign threads; in their place the calls in flight count as somebody who
// may wake others. `begun` tells the monitor that a call began, and perhaps ended, while it
// looked. A call is counted out only after its goroutine was readied.
//
// Lock: pool.lock, a leaf.
#include <weir/go.h>

#include "base/check.h"
#include "base/hooks.h"
#include "os/futex.h"
#include "sched/g.h"

enum { HELPERS = 1024 };
#define KEEP_NS INT64_C(10000000000)

struct job {
  struct job *next;
  struct weir_g *g;
  const void *block;
  int error;         // errno, in and out
  struct weir_fp fp; // the floating-point environment, in and out
};

struct helper {        // on its thread's stack
  void *fiber, *stack; // with race detection: its own
  size_t stack_size;
  struct helper *next;
  struct job *job;       // set by who took it off the idle list
  _Atomic uint32_t wake; // 1 once it has a job
};

static struct {
  struct weir_lock lock;
  struct helper *idle;        // newest first
  struct job *first, **last;  // handed over, and no idle helper
  uint32_t helpers, calls;    // calls: counted in and not yet taken up by a helper
  uint32_t free;              // helpers that run nothing, with those that just start
  _Atomic int in_flight;      // calls that have begun and not ended
  _Atomic uint32_t begun;     // seq_cst, both: see weir_blocking_calls
  _Atomic int tids[HELPERS];  // 0: no helper
  _Atomic uint32_t tids_used; // entries from here on were never used
} pool = {.last = &pool.first};

// --- what the monitor asks -----------------------------------------------------------------

bool weir_blocking_is_helper(int tid) {
  uint32_t n = atomic_load_explicit(&pool.tids_used, memory_order_acquire);
  for (uint32_t i = 0; i < n; i++)
    if (atomic_load_explicit(&pool.tids[i], memory_order_relaxed) == tid) return true;
  return false;
}

int weir_blocking_in_flight(void) {
  return atomic_load(&pool.in_flight);
}

uint32_t weir_blocking_begun(void) {
  return atomic_load(&pool.begun);
}

// --- the helper ------------------------------------------------------------------------------

static void call(const void *block) {
  ((void (^)(void))block)();
}

// What the function knows and does of nested locks is the goroutine's, which is parked: the thread
// and the goroutine exchange theirs before the call, and again after.
static void exchange(struct weir_g *g) {
  struct weir_g *self = weir_self();
  struct weir_own own = self->cold->own;
  self->cold->own = g->cold->own;
  g->cold->own = own;
}

static void run(const struct helper *h, struct job *job) {
  struct weir_g *g = job->g;
  if (weir_hb_fibers) {
    weir_hb_stack_reuse(h->stack, h->stack_size);
    weir_hb_fiber_switch(g->fiber);
  }
  weir_fp_set(job->fp);
  weir_errno_set(job->error);
  bool lend = __atomic_load_n(&weir_lock_order_on, __ATOMIC_RELAXED);
  if (lend) exchange(g);
  call(job->block);
  if (lend) exchange(g);
  job->error = weir_errno_get();
  job->fp = weir_fp_get();
  weir_fp_set(weir_fp_usual);
  if (weir_hb_fibers) weir_hb_fiber_switch(h->fiber);
  weir_ready(g); // its stack, and the job, may be gone after this
  atomic_fetch_sub(&pool.in_flight, 1);
}

// Under the lock.
static struct job *pop_job(void) {
  struct job *job = pool.first;
  if (!job) return NULL;
  pool.first = job->next;
  if (!pool.first) pool.last = &pool.first;
  return job;
}

static void leave_idle(struct helper *h) {
  struct helper **p = &pool.idle;
  while (*p != h)
    p = &(*p)->next;
  *p = h->next;
}

// Under the lock, which it gives back meanwhile. NULL: nothing came for a long time.
static struct job *wait_idle(struct helper *h) {
  h->job = NULL;
  atomic_store_explicit(&h->wake, 0, memory_order_relaxed);
  h->next = pool.idle;
  pool.idle = h;
  weir_lock_release(&pool.lock);
  int64_t until = weir_clock_after(KEEP_NS), now;
  while (!atomic_load_explicit(&h->wake, memory_order_acquire) && (now = weir_clock_now()) < until)
    weir_futex_wait(&h->wake, 0, until - now);
  weir_lock_acquire(&pool.lock);
  if (!h->job) leave_idle(h);
  return h->job;
}

// NULL: the helper is to end, and is counted out.
static struct job *next_job(struct helper *h) {
  weir_lock_acquire(&pool.lock);
  struct job *job = pop_job();
  // One that a caller has counted on, and not yet handed its job to, stays.
  while (!job && !(job = wait_idle(h)) && pool.calls >= pool.free) {
  }
  pool.free--;
  if (job)
    pool.calls--;
  else
    pool.helpers--;
  weir_lock_release(&pool.lock);
  return job;
}

static void done(void) {
  weir_lock_acquire(&pool.lock);
  pool.free++;
  weir_lock_release(&pool.lock);
}

static int take_tid_slot(void) {
  int tid = weir_thread_id();
  for (int i = 0; i < HELPERS; i++) {
    int unused = 0;
    if (!atomic_compare_exchange_strong(&pool.tids[i], &unused, tid)) continue;
    uint32_t used = atomic_load(&pool.tids_used);
    while (used < (uint32_t)i + 1 &&
           !atomic_compare_exchange_weak(&pool.tids_used, &used, (uint32_t)i + 1)) {
    }
    return i;
  }
  return -1; // cannot be: there are never more helpers than slots
}

static void helper_thread(void *arg) {
  (void)arg;
  struct helper h = {.fiber = weir_hb_fiber_current()};
  if (weir_hb_fibers) h.stack_size = weir_thread_stack(&h.stack);
  int slot = take_tid_slot();
  WEIR_CHECK(slot >= 0);
  for (struct job *job; (job = next_job(&h));) {
    run(&h, job);
    done();
  }
  atomic_store(&pool.tids[slot], 0);
}

// --- the caller ------------------------------------------------------------------------------

// Counts the call in and sees that a helper will be there for it. False: there is none, and none
// can be made.
static bool count_in(void) {
  weir_lock_acquire(&pool.lock);
  pool.calls++;
  bool start = pool.calls > pool.free && pool.helpers < HELPERS;
  if (start) {
    pool.helpers++;
    pool.free++;
  }
  weir_lock_release(&pool.lock);
  if (!start || weir_thread_start(helper_thread, NULL, "weir-helper") == 0) return true;
  weir_lock_acquire(&pool.lock);
  pool.free--;
  bool others = --pool.helpers > 0; // one of them takes it when it is done
  if (!others) pool.calls--;
  weir_lock_release(&pool.lock);
  return others;
}

// The caller is parked: runs on its worker, in the context that comes next.
static void hand_over(void *arg) {
  struct job *job = arg;
  weir_lock_acquire(&pool.lock);
  struct helper *h = pool.idle;
  if (h) {
    pool.idle = h->next;
    h->job = job;
    atomic_store_explicit(&h->wake, 1, memory_order_release); // pairs with wait_idle
  } else {
    *pool.last = job;
    pool.last = &job->next;
  }
  weir_lock_release(&pool.lock);
  if (h) weir_futex_wake(&h->wake, 1); // it may have ended since: then nobody waits there
}

static void call_and_park(struct weir_g *g, const void *block, const void *pc) {
  struct job job = {.g = g, .block = block, .error = weir_errno_get(), .fp = weir_fp_get()};
  struct weir_waiter what = {.g = g, .op = WEIR_WAIT_BLOCKING};
  atomic_fetch_add(&pool.begun, 1);
  atomic_fetch_add(&pool.in_flight, 1);
  if (!count_in()) { // no thread to be had: better late than not at all
    atomic_fetch_sub(&pool.in_flight, 1);
    weir_errno_set(job.error);
    call(block);
    return;
  }
  weir_park_describe(g, WEIR_WAIT_BLOCKING, &what, 1, pc);
  weir_park_unlock(g, hand_over, &job);
  weir_fp_set(job.fp);
  weir_errno_set(job.error);
}

void weir_blocking_(const void *block, const struct weir_site *site) {
  const void *pc = __builtin_return_address(0);
  struct weir_g *g = weir_self();
  (void)site;
  if (g->thread || g->thread_locks) { // blocks nobody but itself, or wants its own thread
    call(block);
    return;
  }
  WEIR_HB(api_enter, pc);
  call_and_park(g, block, pc);
  WEIR_HB(api_leave);
}
