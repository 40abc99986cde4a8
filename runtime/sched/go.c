// SPDX-License-Identifier: Apache-2.0
//
// Starting and ending goroutines, yield, names, chance and the clock.
#include <time.h>
#include <weir/diag.h>
#include <weir/go.h>

#include "base/check.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/copy.h"
#include "sched/shake.h"
#include "sched/switch.h"

// The Blocks ABI (Apple, "Block Implementation Specification"), as far as we need it. By-value
// captures need no runtime library: a block is copied as bytes.
struct block {
  void *isa;
  int flags, reserved;
  void (*invoke)(void *);
  struct {
    unsigned long reserved, size;
  } *descriptor;
};
enum { BLOCK_HAS_COPY_DISPOSE = 1 << 25, BLOCK_MAX = 4096 };

__attribute__((weak, visibility("default"))) void *_NSConcreteStackBlock[32];
__attribute__((weak, visibility("default"))) void *_NSConcreteGlobalBlock[32];

size_t weir_block_size(const void *block) {
  const struct block *b = block;
  size_t size = b->descriptor->size;
  if (b->flags & BLOCK_HAS_COPY_DISPOSE)
    weir_fatal("a goroutine's block captures another block or a __block variable; pass a pointer");
  if (size > BLOCK_MAX)
    weir_fatal("the arguments of a goroutine take %zu bytes; the most is %d", size, BLOCK_MAX);
  return size;
}

// The block goes to the top of the new stack; returns the aligned place below it.
static char *copy_block(struct weir_g *g, const struct block *b) {
  size_t size = weir_block_size(b);
  char *at = g->stack_high - ((size + 15) & ~(size_t)15);
  weir_copy(at, b, size);
  g->block = at;
  return at;
}

static void record_creation(struct weir_g *g, struct weir_g *parent, const void *frame,
                            const struct weir_site *site) {
  g->parent = parent->id;
  g->go_site = site;
  size_t n = weir_ctx_walk(frame, parent->stack_high, g->cold->creation, WEIR_CREATION_FRAMES);
  if (n < WEIR_CREATION_FRAMES) g->cold->creation[n] = 0;
}

// stack_size 0: the usual one. member_of: of a wait group, or NULL.
static void start(const void *block, const struct weir_site *site, const void *frame,
                  size_t stack_size, const void *member_of) {
  weir_sched_ensure();
  struct weir_g *self = weir_self();
  struct weir_worker *w = weir_worker_self();
  struct weir_g *g = stack_size ? weir_g_take_sized(stack_size) : weir_g_take(w);
  g->id = weir_g_next_id(w);
  g->sp = weir_ctx_make(copy_block(g, block), weir_g_entry);
  if (weir_asan_on) weir_asan_root(g->stack_low, (size_t)(g->stack_high - g->stack_low));
  g->defers = NULL;
  g->held_count = 0;
  g->expected = false;
  if (weir_shake_on) {
    g->shaken = 0;
    g->shake_rank = weir_shake_rank();
  }
  g->fp = weir_fp_changed() ? weir_fp_get() : (struct weir_fp){0}; // as a thread inherits it
  atomic_store_explicit(&g->marks, 0, memory_order_relaxed);
  atomic_store_explicit(&g->op, WEIR_WAIT_NONE, memory_order_relaxed);
  if (WEIR_DETECTS) record_creation(g, self, frame, site);
  if (__builtin_expect(self->cold->labels[0] != 0, 0))
    weir_copy(g->cold->labels, self->cold->labels, WEIR_LABELS_MAX);
  else
    g->cold->labels[0] = 0;
  g->cold->member_of = member_of;
  g->cold->name[0] = 0; // unless it is given one, it is called after its function
  self->cold->own.lately = g->cold->own.lately = 0;
  g->cold->own.tried = NULL;
  if (__builtin_expect(self->cold->own.knower != NULL, 0))
    g->cold->own.knower = weir_hb_knower_start(self->cold->own.knower);
  if (weir_hb_fibers) g->fiber = weir_hb_fiber_new(g); // inherits what its maker knows: go -> start
  if (w)
    atomic_store_explicit(&w->started, w->started + 1, memory_order_relaxed);
  else
    atomic_fetch_add_explicit(&weir_sched.started_elsewhere, 1, memory_order_relaxed);
  WEIR_TRACE_IF weir_trace_put(WEIR_TRACE_GO, self->id, g->cold->creation[0], site, g->id, 0);
  atomic_store_explicit(&g->state, WEIR_G_RUNNABLE, memory_order_release);
  weir_policy_add(w, g, true);
  weir_wake_a_worker();
}

void weir_go_start_(const void *block, const struct weir_site *site) {
  start(block, site, __builtin_frame_address(0), 0, NULL);
}

void weir_go_member_start_(const void *block, const struct weir_site *site, const void *wg) {
  start(block, site, __builtin_frame_address(0), 0, wg);
}

void weir_go_stack_start_(const void *block, const struct weir_site *site, size_t size) {
  if (size < WEIR_STACK_MIN || size > WEIR_STACK_MAX)
    weir_fatal("weir_go_stack at %s:%u: a stack of %zu bytes; it may have %d KiB to %d MiB",
               site->file, site->line, size, WEIR_STACK_MIN >> 10, WEIR_STACK_MAX >> 20);
  start(block, site, __builtin_frame_address(0), size, NULL);
}

void weir_go_block(void (^block)(void)) {
  start((const void *)block, NULL, __builtin_frame_address(0), 0, NULL);
}

void weir_goexit(void) {
  struct weir_g *g = weir_self();
  if (g->thread) weir_fatal("weir_goexit called from an OS thread; use pthread_exit");
  for (struct weir_defer_ *d; (d = g->defers);) {
    g->defers = d->next;
    const struct block *b = d->block;
    b->invoke((void *)b);
  }
  WEIR_TRACE_IF weir_trace_put(WEIR_TRACE_END, g->id, 0, NULL, 0, 0);
  struct weir_worker *w = weir_worker_self();
  if (weir_fp_changed()) weir_fp_set(weir_fp_usual);
  atomic_store_explicit(&g->park_seq, g->park_seq + 1, memory_order_relaxed);
  atomic_store_explicit(&g->state, WEIR_G_DEAD, memory_order_release);
  if (g->thread_locks) weir_lock_os_thread_ends(w, g);
  if (g != &weir_sched.main_g) {
    atomic_store_explicit(&w->finished, w->finished + 1, memory_order_relaxed);
    w->after.arg = g;
    w->after.kind = WEIR_AFTER_RECYCLE;
  } else {
    atomic_fetch_add_explicit(&weir_sched.main_gone, 1, memory_order_relaxed);
    weir_sched_ensure();
  }
  struct weir_g *next = weir_policy_next(w);
  weir_switch_to(w, next ? next : &w->g0);
  __builtin_unreachable();
}

// Who yields in a loop keeps its worker awake, so now and then it looks as an idle one would: what
// it waits for may stand in the queue of a worker that is blocked in the kernel, or be an event.
enum { LOOK_EVERY = 64 };

void weir_yield(void) {
  struct weir_worker *w = weir_worker_self();
  if (!w || !atomic_load_explicit(&weir_sched.started, memory_order_relaxed)) {
    nanosleep(&(struct timespec){0}, NULL); // an OS thread, or nobody else yet
    return;
  }
  bool look = __builtin_expect(++w->yields % LOOK_EVERY == 0, 0);
  if (look && weir_poll_any()) weir_poller_look();
  if (look) weir_hb_take_signals();
  struct weir_g *g = w->cur;
  if (__builtin_expect(weir_shake_ranks, 0) && weir_shake_keeps(w, g)) return;
  struct weir_g *next = weir_policy_next(w);
  if (!next) {
    uint32_t why = atomic_load_explicit(&w->attention, memory_order_relaxed);
    if (why == WEIR_ATTEND_LOCKED && !weir_policy_any(w)) return; // nobody else
    if (why)
      next = &w->g0;
    else if (!look || !(next = weir_policy_find(w, NULL)))
      return;
  }
  atomic_store_explicit(&g->state, WEIR_G_RUNNABLE, memory_order_release);
  weir_switch_away(w, next, (struct weir_after_switch){WEIR_AFTER_REQUEUE, g, NULL});
}

uint64_t weir_goid(void) {
  return weir_self()->id;
}

void weir_set_name(const char *name) {
  struct weir_g *g = weir_self();
  weir_copy_text(g->cold->name, name, sizeof g->cold->name);
  weir_hook_renamed(g);
  WEIR_TRACE_IF weir_trace_name(g->id, g->cold->name);
}

void weir_expect_blocked(void) {
  weir_self()->expected = true;
}

uint32_t weir_worker_index(void) {
  struct weir_worker *w = weir_worker_self();
  return w ? (uint32_t)w->index + 1 : 0;
}

long weir_num_goroutine(void) {
  long n = 1 + atomic_load(&weir_sched.started_elsewhere) - atomic_load(&weir_sched.main_gone);
  for (int i = 0; i < atomic_load(&weir_sched.n_workers); i++) {
    struct weir_worker *w = weir_sched.workers[i];
    n += atomic_load_explicit(&w->started, memory_order_relaxed) -
         atomic_load_explicit(&w->finished, memory_order_relaxed);
  }
  return n;
}

int64_t weir_clock_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t weir_clock_coarse(void) {
  return atomic_load_explicit(&weir_sched.coarse_now, memory_order_relaxed);
}

uint32_t weir_random(void) {
  static _Thread_local uint32_t elsewhere = 2463534242u;
  struct weir_worker *w = weir_worker_self();
  uint32_t *state = w ? &w->random : &elsewhere;
  uint32_t x = *state; // xorshift32 (Marsaglia 2003)
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}
