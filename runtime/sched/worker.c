// SPDX-License-Identifier: Apache-2.0
//
// Workers: OS threads that run goroutines. Worker 0 is the main thread; its scheduler
// loop has a stack of its own, since goroutine 1 has the thread's. The others loop on their
// thread's stack.
//
// Which of them may run at a time, who sleeps and who is woken: rights.c.
// At most one worker looks around before it sleeps (spins, then naps); while it does, nobody else
// is woken.
#include <errno.h>
#include <string.h>

#include <weir/go.h>

#include "base/check.h"
#include "base/flags.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/futex.h"
#include "os/library.h"
#include "os/memory.h"
#include "os/signal.h"
#include "sched/shake.h"
#include "sched/switch.h"

enum { SPIN_ROUNDS = 60, SPIN_PAUSES = 30, RIPE_PAUSES = 700, LOOP_STACK = 256 * 1024 };
enum { NAP_MIN = 50000, NAP_MAX = 200000 }; // ns

// --- switching --------------------------------------------------------------------------

bool weir_switch_tells;
struct weir_fp weir_fp_usual;

// Where its stack begins; NULL for a worker's loop that runs on its thread's own.
static char *low_of(const struct weir_g *g) {
  return g == &weir_sched.main_g ? weir_sched.main_low : g->stack_low;
}

struct weir_worker *weir_switch_told(struct weir_g *self, struct weir_g *next,
                                     struct weir_worker *w) {
  struct weir_asan_kept kept = {0};
  if (weir_trace_switches) weir_trace_put(WEIR_TRACE_RUN, next->id, 0, NULL, 0, 0);
  if (weir_hb_fibers) {
    if (w->index == 0) weir_hb_take_signals();
    weir_hb_fiber_switch(next->fiber);
  }
  if (weir_asan_on) {
    char *from = low_of(self), *to = low_of(next);
    if (from) kept.size = (size_t)(self->stack_high - from);
    bool ends = atomic_load_explicit(&self->state, memory_order_relaxed) == WEIR_G_DEAD;
    weir_asan_leave(ends ? NULL : &kept, to, to ? (size_t)(next->stack_high - to) : 0);
  }
  w = weir_ctx_switch(&self->sp, next->sp, w);
  if (weir_asan_on) weir_asan_arrive(&kept);
  return w;
}

__attribute__((noinline)) void weir_switch_fp(struct weir_worker *w, struct weir_g *next) {
  struct weir_fp own = weir_fp_get();
  weir_fp_set(weir_fp_usual);
  weir_switch_to(w, next);
  weir_fp_set(own);
}

void weir_g_finish(struct weir_worker *w, struct weir_g *g) {
  if (weir_asan_on) {
    weir_asan_clean(g->stack_low, (size_t)(g->stack_high - g->stack_low));
    weir_asan_unroot(g->stack_low, (size_t)(g->stack_high - g->stack_low));
  }
  if (__builtin_expect(g->cold->own.knower != NULL, 0)) {
    weir_hb_knower_end(g->cold->own.knower, false);
    g->cold->own.knower = NULL;
  }
  if (g->fiber) {
    weir_hb_fiber_free(g->fiber);
    g->fiber = NULL;
    weir_g_recycle_checked(w, g);
    return;
  }
  weir_g_recycle(w, g);
}

static __attribute__((noinline)) void trace_start(const struct weir_g *g) {
  weir_trace_put(WEIR_TRACE_START, g->id, 0, g->go_site, g->parent, 0);
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
  if (__builtin_expect(w->cur->fp.mxcsr != 0, 0)) weir_fp_set(w->cur->fp);
  weir_shake();
  WEIR_TRACE_IF trace_start(w->cur);
  block->invoke(block);
  weir_goexit();
}

// --- waking ------------------------------------------------------------------------------

void weir_worker_rouse(struct weir_worker *w) {
  atomic_store(&w->wake, 1); // seq_cst: poller.c
  if (!weir_poller_interrupt(w)) weir_futex_wake(&w->wake, 1);
}

void weir_worker_sleep(struct weir_worker *w) {
  while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0) {
    weir_futex_wait(&w->wake, 0, weir_hb_sleep_limit());
    weir_hb_take_signals();
  }
}

// --- the scheduler loop -------------------------------------------------------------------

// Sleeps for `ns` at most, and less when something comes up that no other worker can see to.
static void nap(struct weir_worker *w, int64_t ns) {
  atomic_store_explicit(&w->nap, 0, memory_order_relaxed);
  // seq_cst, as in weir_nap_end: either it finds us here, or we see what it was called for
  atomic_store_explicit(&weir_sched.idle.napper, w, memory_order_seq_cst);
  if (!weir_policy_any_here(w) && !atomic_load(&w->attention)) weir_futex_wait(&w->nap, 0, ns);
  atomic_store_explicit(&weir_sched.idle.napper, NULL, memory_order_seq_cst);
  // for the monitor: it is not held up
  atomic_store_explicit(&w->tick, w->tick + 1, memory_order_relaxed);
}

void weir_nap_end(void) {
  atomic_thread_fence(memory_order_seq_cst);
  struct weir_worker *w = atomic_load_explicit(&weir_sched.idle.napper, memory_order_seq_cst);
  if (!w) return;
  atomic_store_explicit(&w->nap, 1, memory_order_release);
  weir_futex_wake(&w->nap, 1);
}

// Nobody could bring work, or events are there to be read.
static bool pointless_to_look(void) {
  return atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) + 1 >=
             atomic_load_explicit(&weir_sched.idle.awake, memory_order_relaxed) ||
         (weir_poll_any() && weir_poller_is(NULL));
}

static struct weir_g *find(struct weir_worker *w, bool *later) {
  *later = false;
  return weir_policy_find(w, weir_poll_any() ? NULL : later);
}

static struct weir_g *pause_and_find(struct weir_worker *w, int pauses, bool *later) {
  for (int i = 0; i < pauses; i++)
    weir_cpu_relax();
  return find(w, later);
}

// While other workers have something to run that they will soon run themselves, who looks for more
// than that naps in between: it would be woken at once if it slept. After a nap it looks twice:
// what it finds has to stay for a while to be taken.
static struct weir_g *look_on(struct weir_worker *w) {
  bool later = false;
  struct weir_g *g = NULL;
  for (int i = 0; i < SPIN_ROUNDS && !g && !w->attention; i++)
    g = pause_and_find(w, SPIN_PAUSES, &later);
  for (int64_t ns = NAP_MIN; !g && later && !w->attention; ns = ns < NAP_MAX ? 2 * ns : ns) {
    nap(w, ns);
    if (pointless_to_look()) break;
    g = find(w, &later);
    if (!g && later) g = pause_and_find(w, RIPE_PAUSES, &later);
  }
  return g;
}

// Looks a little longer before sleeping: most work comes in bursts.
static struct weir_g *spin(struct weir_worker *w) {
  int others = 0;
  if (pointless_to_look() ||
      !atomic_compare_exchange_strong_explicit(&weir_sched.idle.spinning, &others, 1,
                                               memory_order_seq_cst, memory_order_relaxed))
    return NULL;
  struct weir_g *g = look_on(w);
  atomic_store_explicit(&weir_sched.idle.spinning, 0, memory_order_seq_cst);
  // Wakers held back while we looked: if there is more than we took, pass it on.
  if (g && weir_policy_any(w)) weir_wake_a_worker();
  return g;
}

// Returns when the worker's thread is to end; never for the main thread.
static void loop(struct weir_worker *w) {
  for (bool ends = false; !ends;) {
    struct weir_g *g;
    if (atomic_load_explicit(&w->attention, memory_order_acquire)) {
      g = weir_attend(w, &ends);
    } else {
      g = find(w, &(bool){false});
      if (!g) g = spin(w);
      if (!g) weir_go_idle(w); // unless something wants attention
    }
    if (g) weir_switch_to(w, g);
  }
}

// This thread is w's; NULL: no worker's any more.
static void be_worker(struct weir_worker *w) {
  weir_tls_set(w);
  weir_trace_lane(w ? (unsigned)w->index + 1 : WEIR_TRACE_LANE_OTHERS);
  weir_self_at_ = weir_hb_on || weir_lock_order_on || weir_shake_on || weir_trace_on
                      ? NULL
                      : w; // its first member is the current goroutine
}

static void worker_thread(void *arg) {
  struct weir_worker *w = arg;
  w->tid = weir_thread_id();
  w->errno_at = &errno;
  weir_signal_stack();
  be_worker(w);
  if (weir_hb_fibers) w->g0.fiber = weir_hb_fiber_current();
  weir_fp_set(weir_fp_usual); // whoever made this thread
  weir_worker_watch_end();
  weir_worker_sleep(w);
  loop(w);
  be_worker(NULL); // the worker may be another thread's by now
  weir_signal_stack_drop();
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
  if (weir_shake_on) w->random = weir_shake_random() | 1;
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
  atomic_store(&weir_sched.idle.awake, 1);
  be_worker(w);
  weir_worker_watch_end();
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

// One whose thread has ended, or a new one, which enters the list before its thread runs: nobody
// may conclude that all are asleep meanwhile. NULL: no memory, or too many.
static struct weir_worker *take_worker(bool benched, struct weir_g *only_for) {
  struct weir_sched *s = &weir_sched;
  weir_lock_acquire(&s->idle.lock);
  struct weir_worker *w = s->idle.gone;
  int index = atomic_load(&s->n_workers);
  if (w) {
    s->idle.gone = w->list_next;
  } else if (index < WEIR_MAX_WORKERS && (w = new_worker(index))) {
    atomic_store_explicit(&s->workers[index], w, memory_order_release);
    atomic_fetch_add_explicit(&s->n_workers, 1, memory_order_acq_rel);
  }
  if (w) {
    w->locked = only_for;
    atomic_store(&w->attention, only_for ? WEIR_ATTEND_LOCKED : 0);
    atomic_store(&w->wake, !benched);
    atomic_store(&w->role, benched ? WEIR_BENCHED : WEIR_ACTIVE);
    if (!benched) atomic_fetch_add(&s->idle.awake, 1);
    if (only_for) only_for->home = w;
  }
  weir_lock_release(&s->idle.lock);
  return w;
}

static void drop_worker(struct weir_worker *w, bool benched, struct weir_g *only_for) {
  weir_lock_acquire(&weir_sched.idle.lock);
  if (!benched) atomic_fetch_sub(&weir_sched.idle.awake, 1);
  if (only_for) only_for->home = NULL;
  w->locked = NULL;
  atomic_store(&w->attention, 0);
  atomic_store(&w->role, WEIR_GONE);
  w->list_next = weir_sched.idle.gone;
  weir_sched.idle.gone = w;
  weir_lock_release(&weir_sched.idle.lock);
}

int weir_worker_add(bool benched, struct weir_g *only_for) {
  struct weir_worker *w = take_worker(benched, only_for);
  if (!w) return -ENOMEM;
  int err = weir_thread_start(worker_thread, w, "weir-worker");
  if (err) {
    drop_worker(w, benched, only_for);
  } else if (benched && !only_for) {
    weir_lock_acquire(&weir_sched.idle.lock);
    w->list_next = weir_sched.idle.bench;
    weir_sched.idle.bench = w;
    weir_lock_release(&weir_sched.idle.lock);
  }
  return err;
}

static void start_workers(void) {
  while (atomic_load(&weir_sched.idle.awake) < atomic_load(&weir_sched.procs)) {
    int err = weir_worker_add(false, NULL), n = atomic_load(&weir_sched.idle.awake);
    if (!err) continue;
    if (n == 0) weir_fatal("cannot start any worker thread: %s", strerror(-err));
    weir_warn("cannot start more than %d worker threads (%s); going on with these", n,
              strerror(-err));
    atomic_store(&weir_sched.procs, n);
  }
}

void weir_sched_start(void) {
  static struct weir_lock once;
  if (atomic_load(&weir_sched.forked))
    weir_fatal(
        "a forked child cannot run goroutines: it has none of the parent's threads; call exec");
  weir_lock_acquire(&once);
  if (!atomic_load(&weir_sched.started)) {
    weir_fp_usual = weir_fp_get();
    if (atomic_load(&weir_sched.main_is_here)) give_main_loop_a_stack(&worker_zero);
    weir_library_keep();
    start_workers();
    weir_monitor_start();
    weir_fault_watch();
    atomic_store_explicit(&weir_sched.started, true, memory_order_release);
  }
  weir_lock_release(&once);
}
