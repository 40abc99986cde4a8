// SPDX-License-Identifier: Apache-2.0
//
// Workers: OS threads that run goroutines. Worker 0 is the main thread; its scheduler
// loop has a stack of its own, since goroutine 1 has the thread's. The others loop on their
// thread's stack.
//
// Sleep and wake are a Dekker pair: a worker that goes to sleep first announces itself
// (idle.count, seq_cst) and then looks for work once more; a thread that is no worker first
// adds work and then (fence, seq_cst) looks at idle.count. One of the two sees the other. A
// worker that adds work saves the fence, see weir_wake_a_worker.
// At most one worker spins before it sleeps; while it does, nobody else is woken.
#include <errno.h>

#include <weir/go.h>

#include "base/check.h"
#include "base/flags.h"
#include "base/hooks.h"
#include "os/futex.h"
#include "os/memory.h"
#include "os/signal.h"
#include "sched/switch.h"

enum { SPIN_ROUNDS = 60, SPIN_PAUSES = 30, LOOP_STACK = 256 * 1024 };

struct weir_sched weir_sched;

// --- switching --------------------------------------------------------------------------

bool weir_switch_tells;

struct weir_worker *weir_switch_told(struct weir_g *self, struct weir_g *next,
                                     struct weir_worker *w) {
  struct weir_asan_kept kept = {0};
  if (weir_hb_fibers) weir_hb_fiber_switch(next->fiber);
  if (weir_asan_on) {
    if (self->stack_low) kept.size = (size_t)(self->stack_high - self->stack_low);
    bool ends = atomic_load_explicit(&self->state, memory_order_relaxed) == WEIR_G_DEAD;
    weir_asan_leave(ends ? NULL : &kept, next->stack_low,
                    (size_t)(next->stack_high - next->stack_low));
  }
  w = weir_ctx_switch(&self->sp, next->sp, w);
  if (weir_asan_on) weir_asan_arrive(&kept);
  return w;
}

void weir_g_finish(struct weir_worker *w, struct weir_g *g) {
  if (weir_asan_on) {
    weir_asan_clean(g->stack_low, (size_t)(g->stack_high - g->stack_low));
    weir_asan_unroot(g->stack_low, (size_t)(g->stack_high - g->stack_low));
  }
  if (g->fiber) {
    weir_hb_fiber_free(g->fiber);
    g->fiber = NULL;
    weir_hb_stack_reuse(g->stack_low, (size_t)(g->stack_high - g->stack_low));
  }
  weir_g_recycle(w, g);
}

// First code of every goroutine.
void weir_g_entry(void *pass) {
  struct weir_worker *w = pass;
  if (weir_asan_on) weir_asan_arrive(NULL);
  weir_after_switch(w);
  struct weir_block_ {
    void *isa;
    int flags, reserved;
    void (*invoke)(void *);
  } *block = w->cur->block;
  block->invoke(block);
  weir_goexit();
}

// --- waking ------------------------------------------------------------------------------

// Takes w off the idle list; caller holds idle.lock.
static void leave_idle(struct weir_worker *w) {
  struct weir_worker **p = &weir_sched.idle.list;
  while (*p != w)
    p = &(*p)->idle_next;
  *p = w->idle_next;
  w->idle = false;
  atomic_fetch_sub_explicit(&weir_sched.idle.count, 1, memory_order_seq_cst);
}

static void rouse(struct weir_worker *w) {
  atomic_store_explicit(&w->wake, 1, memory_order_release);
  weir_futex_wake(&w->wake, 1);
}

void weir_wake_a_worker(void) {
  // From a worker no fence: it is awake and would itself run what it added, so missing a
  // worker that falls asleep just now costs time and not progress, and the monitor makes up
  // for it. Any other thread fences, as nobody else may ever look.
  if (!weir_worker_self()) atomic_thread_fence(memory_order_seq_cst);
  if (atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) == 0) return;
  if (atomic_load_explicit(&weir_sched.idle.spinning, memory_order_relaxed) > 0) return;
  weir_lock_acquire(&weir_sched.idle.lock);
  struct weir_worker *w = weir_sched.idle.list;
  if (w) leave_idle(w);
  weir_lock_release(&weir_sched.idle.lock);
  if (w) rouse(w);
}

void weir_wake_worker(struct weir_worker *w) {
  atomic_thread_fence(memory_order_seq_cst);
  weir_lock_acquire(&weir_sched.idle.lock);
  bool sleeps = w->idle;
  if (sleeps) leave_idle(w);
  weir_lock_release(&weir_sched.idle.lock);
  if (sleeps) rouse(w);
}

bool weir_all_idle(void) {
  weir_lock_acquire(&weir_sched.idle.lock);
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  bool all = atomic_load_explicit(&weir_sched.idle.count, memory_order_seq_cst) == n;
  for (int i = 0; all && i < n; i++)
    all = !weir_policy_any(weir_sched.workers[i]);
  weir_lock_release(&weir_sched.idle.lock);
  return all;
}

// --- the scheduler loop -------------------------------------------------------------------

// Looks a little longer before sleeping: most work comes in bursts.
static struct weir_g *spin(struct weir_worker *w) {
  int others = 0;
  if (!atomic_compare_exchange_strong_explicit(&weir_sched.idle.spinning, &others, 1,
                                               memory_order_seq_cst, memory_order_relaxed))
    return NULL;
  struct weir_g *g = NULL;
  for (int i = 0; i < SPIN_ROUNDS && !g; i++) {
    for (int j = 0; j < SPIN_PAUSES; j++)
      weir_cpu_relax();
    g = weir_policy_find(w, i == SPIN_ROUNDS - 1);
  }
  atomic_store_explicit(&weir_sched.idle.spinning, 0, memory_order_seq_cst);
  // Wakers held back while we spun: if there is more than we took, pass it on.
  if (g && weir_policy_any(w)) weir_wake_a_worker();
  return g;
}

static void go_idle(struct weir_worker *w) {
  atomic_store_explicit(&w->wake, 0, memory_order_relaxed);
  weir_lock_acquire(&weir_sched.idle.lock);
  w->idle = true;
  w->idle_next = weir_sched.idle.list;
  weir_sched.idle.list = w;
  int idle = atomic_fetch_add_explicit(&weir_sched.idle.count, 1, memory_order_seq_cst) + 1;
  weir_lock_release(&weir_sched.idle.lock);
  atomic_thread_fence(memory_order_seq_cst);
  if (weir_policy_any(w)) {
    weir_wake_worker(w); // ourselves, unless another has just done it
  } else if (idle == atomic_load_explicit(&weir_sched.n_workers, memory_order_relaxed)) {
    weir_monitor_wake(); // the last one asleep: is this the end?
  }
  while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0)
    weir_futex_wait(&w->wake, 0, -1);
}

static void loop(struct weir_worker *w) {
  for (;;) {
    struct weir_g *g = weir_policy_find(w, false);
    if (!g) g = spin(w);
    if (g)
      weir_switch_to(w, g);
    else
      go_idle(w);
  }
}

static void worker_thread(void *arg) {
  struct weir_worker *w = arg;
  w->tid = weir_thread_id();
  w->errno_at = &errno;
  weir_signal_stack();
  weir_tls_set(w);
  if (weir_hb_fibers) w->g0.fiber = weir_hb_fiber_current();
  loop(w);
}

static void loop_entry(void *pass) {
  struct weir_worker *w = pass;
  if (weir_asan_on) weir_asan_arrive(NULL);
  weir_after_switch(w);
  loop(w);
}

// --- making workers -------------------------------------------------------------------------

static struct weir_worker worker_zero; // exists from the constructor on

static struct weir_worker *new_worker(int index) {
  struct weir_worker *w = &worker_zero;
  if (index > 0) {
    size_t size = (sizeof *w + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
    w = weir_mem_map(size);
    if (!w) return NULL;
  }
  w->index = index;
  w->random = 0x9e3779b9u * (uint32_t)(index + 1);
  w->cur = &w->g0;
  atomic_store_explicit(&w->g0.state, WEIR_G_RUNNING, memory_order_relaxed); // never ends
  return w;
}

void weir_worker_main(struct weir_g *main_g) {
  struct weir_worker *w = new_worker(0);
  w->cur = main_g;
  w->tid = weir_thread_id();
  w->errno_at = &errno;
  weir_signal_stack();
  weir_sched.workers[0] = w;
  atomic_store(&weir_sched.n_workers, 1);
  weir_tls_set(w);
}

// The loop of worker 0 needs a stack, as goroutine 1 sits on the thread's.
static void give_main_loop_a_stack(struct weir_worker *w) {
  char *stack = weir_mem_map(LOOP_STACK);
  if (!stack) weir_fatal("out of memory for the main worker's stack");
  w->g0.sp = weir_ctx_make(stack + LOOP_STACK, loop_entry);
  w->g0.stack_low = stack;
  w->g0.stack_high = stack + LOOP_STACK;
  if (weir_hb_fibers) w->g0.fiber = weir_hb_fiber_new(NULL);
}

int weir_worker_add(void) {
  int index = atomic_load(&weir_sched.n_workers);
  if (index >= WEIR_MAX_WORKERS) return -1;
  struct weir_worker *w = new_worker(index);
  if (!w) return -1;
  // In the list before the thread runs: nobody may conclude that all are idle meanwhile.
  atomic_store_explicit(&weir_sched.workers[index], w, memory_order_release);
  atomic_fetch_add_explicit(&weir_sched.n_workers, 1, memory_order_acq_rel);
  int err = weir_thread_start(worker_thread, w, "weir-worker");
  if (err) {
    atomic_fetch_sub_explicit(&weir_sched.n_workers, 1, memory_order_acq_rel);
    weir_mem_unmap(w, sizeof *w);
  }
  return err;
}

void weir_sched_start(void) {
  static struct weir_lock once;
  if (atomic_load(&weir_sched.forked))
    weir_fatal(
        "a forked child cannot run goroutines: it has none of the parent's threads; call exec");
  weir_lock_acquire(&once);
  if (!atomic_load(&weir_sched.started)) {
    if (atomic_load(&weir_sched.main_is_here)) give_main_loop_a_stack(&worker_zero);
    int procs = weir_sched.procs;
    while (atomic_load(&weir_sched.n_workers) < procs)
      if (weir_worker_add() != 0) {
        if (atomic_load(&weir_sched.n_workers) == 0) weir_fatal("cannot start any worker thread");
        weir_warn("cannot start more than %d worker threads; going on with these",
                  atomic_load(&weir_sched.n_workers));
        break;
      }
    weir_monitor_start();
    weir_fault_watch();
    atomic_store_explicit(&weir_sched.started, true, memory_order_release);
  }
  weir_lock_release(&once);
}
