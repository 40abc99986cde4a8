// SPDX-License-Identifier: Apache-2.0
//
// Park and ready: the one pair through which everything blocks; and who am I.
//
// A parking goroutine switches straight to the next runnable one if its worker has one
// at hand, else to the worker's scheduler loop. What must wait until its context is
// saved (releasing the object's lock) is left in worker->after and done by the incoming
// side, so a waker can never resume a half-saved goroutine.
#include <pthread.h>
#include <weir/go.h>

#include "base/check.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/copy.h"
#include "os/futex.h"
#include "sched/switch.h"

// --- foreign threads ------------------------------------------------------------------

// The thread-local word is a worker, or a thread's goroutine with the low bit set, or 0.
static struct weir_g *tagged(void *word) {
  return (struct weir_g *)((uintptr_t)word & ~1ul);
}

static pthread_key_t exit_key;

// pthread_exit in a goroutine. main's ends main and nothing else, as it does in C; its frames are
// gone by now, and with them its defers. This thread goes on as a worker.
static void worker_ends(struct weir_worker *w) {
  if (!w) return;
  if (w->cur != &weir_sched.main_g)
    weir_fatal("pthread_exit called from a goroutine; use weir_goexit");
  w->cur->defers = NULL;
  weir_goexit();
}

static void thread_ends(void *p) {
  if (p == &weir_sched) {
    worker_ends(weir_worker_self());
    return;
  }
  struct weir_g *g = p;
  atomic_store_explicit(&g->state, WEIR_G_DEAD, memory_order_release);
  weir_tls_set(NULL);
  if (g->cold->own.knower) weir_hb_knower_end(g->cold->own.knower, true);
  g->cold->own.knower = NULL;
  weir_hb_fiber_free(g->fiber);
  g->fiber = NULL;
  weir_g_drop_thread(g);
}

void weir_threads_init(void) {
  WEIR_CHECK(pthread_key_create(&exit_key, thread_ends) == 0);
}

void weir_worker_watch_end(void) {
  pthread_setspecific(exit_key, &weir_sched);
}

#define SAME_PLACE(member) offsetof(struct weir_g, member) == offsetof(struct weir_self_, member)
_Static_assert(offsetof(struct weir_worker, cur) == 0 && SAME_PLACE(id) && SAME_PLACE(held) &&
                   SAME_PLACE(held_count) && SAME_PLACE(defers),
               "sched.h and the program read the first members");

static struct weir_g *attach_thread(void) {
  struct weir_g *g = weir_g_take_thread();
  g->id = weir_g_next_id(NULL);
  g->thread = true;
  g->stack_high = weir_thread_stack_high();
  g->held_count = 0;
  g->defers = NULL;
  weir_copy_text(g->cold->name, "OS thread", sizeof g->cold->name);
  g->cold->labels[0] = 0;
  atomic_store_explicit(&g->op, WEIR_WAIT_NONE, memory_order_relaxed);
  atomic_store_explicit(&g->marks, 0, memory_order_relaxed);
  atomic_store_explicit(&g->state, WEIR_G_RUNNING, memory_order_release);
  pthread_setspecific(exit_key, g);
  weir_tls_set((void *)((uintptr_t)g | 1));
  if (weir_hb_edges_on()) g->cold->own.knower = weir_hb_knower_thread();
  if (weir_hb_fibers) g->fiber = weir_hb_fiber_thread(g);
  return g;
}

struct weir_g *weir_self_slow(void) {
  void *word = weir_tls_get();
  if (__builtin_expect(!word, 0)) return attach_thread();
  if (__builtin_expect((uintptr_t)word & 1, 0)) return tagged(word);
  return ((struct weir_worker *)word)->cur;
}

size_t weir_self_stack(const void *frame, uintptr_t *pcs, size_t max) {
  return weir_ctx_walk(frame, weir_self()->stack_high, pcs, max);
}

// A thread's stack may be gone when somebody looks, so it keeps a copy of what is on it.
static void keep_stack(struct weir_g *g, const void *frame) {
  size_t n = weir_ctx_walk(frame, g->stack_high, g->cold->parked, WEIR_CREATION_FRAMES);
  if (n < WEIR_CREATION_FRAMES) g->cold->parked[n] = 0;
}

static void park_thread(struct weir_g *g) {
  atomic_fetch_add(&weir_sched.parked_threads, 1);
  if (WEIR_DETECTS) weir_monitor_wake(); // perhaps the last one that could wake anybody
  while (atomic_load_explicit(&g->wake, memory_order_acquire) == 0) {
    weir_futex_wait(&g->wake, 0, weir_hb_sleep_limit());
    weir_hb_take_signals();
  }
  atomic_store_explicit(&g->wake, 0, memory_order_relaxed);
}

// --- park -------------------------------------------------------------------------------

// Of the goroutine that runs here.
static void trace_stack(const struct weir_g *g, const void *frame) {
  uintptr_t pcs[WEIR_TRACE_FRAMES];
  if (!weir_trace_switches) return;
  size_t n = weir_ctx_walk(frame, g->stack_high, pcs, WEIR_TRACE_FRAMES);
  if (n) weir_trace_stack_(g->id, pcs, n);
}

static __attribute__((noinline)) void trace_block(const struct weir_g *g, enum weir_wait_op op,
                                                  const struct weir_waiter *waiters, size_t n,
                                                  const void *pc) {
  const void *object = n == 1 && waiters ? waiters->object : NULL;
  struct weir_object_desc d = {0}; // the program's own objects are named by who used them before
  if (object && waiters->kind == WEIR_OBJ_CHAN) weir_object_describe(WEIR_OBJ_CHAN, object, &d);
  trace_stack(g, __builtin_frame_address(0));
  weir_trace_put(WEIR_TRACE_BLOCK, g->id, (uintptr_t)object, d.site, (uintptr_t)pc, op);
}

// By whoever ends the wait; the monitor and threads of the program's are nobody.
static __attribute__((noinline)) void trace_wake(const struct weir_g *g) {
  uintptr_t word = (uintptr_t)weir_tls_get();
  struct weir_g *by = word & 1 ? tagged((void *)word) : word ? weir_self() : NULL;
  if (by && by != g) trace_stack(by, __builtin_frame_address(0));
  weir_trace_put(WEIR_TRACE_WAKE, g->id, 0, NULL, by ? by->id : 0, 0);
}

void weir_park_describe_(struct weir_g *g, enum weir_wait_op op, const struct weir_waiter *waiters,
                         size_t n, const void *pc) {
  g->waits = waiters;
  g->n_waits = n;
  g->api_pc = pc;
  g->waited |= 1u << op;
  g->since = atomic_load_explicit(&weir_sched.coarse_now, memory_order_relaxed);
  // release: inspect, which reads op with acquire, sees the fields above
  atomic_store_explicit(&g->op, (uint8_t)op, memory_order_release);
  WEIR_TRACE_IF trace_block(g, op, waiters, n, pc);
}

void weir_took_part(struct weir_g *g) {
  g->waited = UINT32_MAX;
}

void weir_park_forget_(struct weir_g *g) {
  WEIR_TRACE_IF trace_wake(g);
  atomic_store_explicit(&g->op, WEIR_WAIT_NONE, memory_order_release);
  // only the goroutine itself, or the one that dequeued it, writes
  uint32_t seq = atomic_load_explicit(&g->park_seq, memory_order_relaxed);
  atomic_store_explicit(&g->park_seq, seq + 1, memory_order_release);
}

// Apart, so that goroutines keep nothing for it across the switch.
static __attribute__((noinline)) void park_foreign(struct weir_g *g,
                                                   const struct weir_after_switch *after) {
  if (WEIR_DETECTS) keep_stack(g, __builtin_frame_address(0));
  atomic_store_explicit(&g->state, WEIR_G_WAITING, memory_order_release);
  if (after->kind == WEIR_AFTER_RELEASE) weir_lock_release(after->arg);
  if (after->kind == WEIR_AFTER_CALL) after->call(after->arg);
  park_thread(g);
}

WEIR_ALWAYS_INLINE void park(struct weir_g *g, struct weir_after_switch after) {
  weir_sched_ensure();
  if (__builtin_expect(g->thread, 0)) {
    park_foreign(g, &after);
    return;
  }
  atomic_store_explicit(&g->state, WEIR_G_WAITING, memory_order_release);
  struct weir_worker *w = weir_worker_self();
  WEIR_DCHECK(w->cur == g);
  struct weir_g *next = weir_policy_next(w);
  weir_switch_away(w, next ? next : &w->g0, after);
}

void weir_park(struct weir_g *g, struct weir_lock *lock) {
  park(g, (struct weir_after_switch){lock ? WEIR_AFTER_RELEASE : WEIR_AFTER_NOTHING, lock, NULL});
}

void weir_park_unlock(struct weir_g *g, void (*unlock)(void *arg), void *arg) {
  park(g, (struct weir_after_switch){WEIR_AFTER_CALL, arg, unlock});
}

void weir_ready(struct weir_g *g) {
  weir_park_forget(g); // from here on it waits for nobody, though it may not run yet
  if (g->thread) {
    atomic_store_explicit(&g->state, WEIR_G_RUNNING, memory_order_release);
    atomic_fetch_sub(&weir_sched.parked_threads, 1);
    atomic_store_explicit(&g->wake, 1, memory_order_release);
    weir_futex_wake(&g->wake, 1);
    return;
  }
  __builtin_prefetch(g->sp);
  __builtin_prefetch((char *)g->sp + 64);
  __builtin_prefetch((char *)g->sp + 128);
  __builtin_prefetch((char *)g->sp + 192);
  atomic_store_explicit(&g->state, WEIR_G_RUNNABLE, memory_order_release);
  struct weir_worker *w = weir_worker_self();
  if (__builtin_expect(g == &weir_sched.main_g, 0) && weir_main_ready(w)) return;
  if (weir_policy_add(w, g, true)) weir_wake_a_worker();
}

// Not the newest: the others move up.
bool weir_held_remove_inner(struct weir_g *g, const void *mutex) {
  uint32_t n = atomic_load_explicit(&g->held_count, memory_order_relaxed);
  uint32_t kept = n < WEIR_HELD_MAX ? n : WEIR_HELD_MAX;
  for (uint32_t i = 1; i <= kept; i++) {
    if (g->held[(n - i) % WEIR_HELD_MAX].mutex != mutex) continue;
    for (uint32_t j = n - i; j + 1 < n; j++)
      g->held[j % WEIR_HELD_MAX] = g->held[(j + 1) % WEIR_HELD_MAX];
    g->held[(n - 1) % WEIR_HELD_MAX].mutex = NULL;
    atomic_store_explicit(&g->held_count, n - 1, memory_order_relaxed);
    return true;
  }
  return false;
}

struct weir_defer_ **weir_g_defers(struct weir_g *g) {
  return &g->defers;
}

bool weir_g_is_running(const struct weir_g *g) {
  return atomic_load_explicit(&g->state, memory_order_relaxed) == WEIR_G_RUNNING;
}
