// SPDX-License-Identifier: Apache-2.0
//
// The work-stealing policy: a bounded queue per worker with a run-next slot in
// front, a global list behind, and theft of half a queue (Blumofe and Leiserson 1999; the
// queue follows the Go scheduler's, Vyukov 2012).
//
// Fairness. run-next is used at most STREAK times in a row, and of the global list TURN are taken
// every 61st time before anything else, so that two goroutines that wake each other starve
// nobody.
//
// Theft. A goroutine that another worker runs costs that worker nothing but its turn, but to move
// it costs some hundred nanoseconds in cache misses, and goroutines that talk to each other pay
// again with every word. So a thief leaves to its worker what that will soon run by itself: it
// marks the queue's end, and takes from the queue if the head has not passed the mark within RIPE,
// or if the worker has not switched for LONG. The latter it asks of a run-next slot, too.
//
// Goroutine 1 is mostly runnable in a flag of its own (rights.c), which worker 0 looks at
// first and, when goroutine 1 keeps yielding, only every second time.
#include "sched/policy.h"

#include "sched/g.h"
#include "sched/shake.h"

enum { STREAK = 64, GLOBAL_EVERY = 61, TURN = 4, BATCH = 32 };
enum { RIPE = 10000, LONG = 5000, VERY_LONG = 20000000 }; // ns

static void global_put_list(struct weir_g *first, struct weir_g *last, uint32_t n) {
  last->next = NULL;
  weir_lock_acquire(&weir_sched.global.lock);
  if (weir_sched.global.last)
    weir_sched.global.last->next = first;
  else
    weir_sched.global.first = first;
  weir_sched.global.last = last;
  atomic_fetch_add_explicit(&weir_sched.global.count, n, memory_order_relaxed);
  weir_lock_release(&weir_sched.global.lock);
}

// Moves half of a full queue, and g, to the global list.
static void overflow(struct weir_worker *w, struct weir_g *g, uint32_t head) {
  struct weir_runq *q = &w->queue;
  enum { HALF = WEIR_RUNQ_SIZE / 2 };
  struct weir_g *moved[HALF];
  for (uint32_t i = 0; i < HALF; i++)
    moved[i] = atomic_load_explicit(&q->slot[(head + i) % WEIR_RUNQ_SIZE], memory_order_relaxed);
  // acq_rel: our reads of the slots stay before it; a thief that was first makes it fail
  if (!atomic_compare_exchange_strong_explicit(&q->head, &head, head + HALF, memory_order_acq_rel,
                                               memory_order_relaxed)) {
    global_put_list(g, g, 1);
    return;
  }
  for (uint32_t i = 0; i + 1 < HALF; i++)
    moved[i]->next = moved[i + 1];
  moved[HALF - 1]->next = g;
  global_put_list(moved[0], g, HALF + 1);
}

static void queue_put(struct weir_worker *w, struct weir_g *g) {
  struct weir_runq *q = &w->queue;
  uint32_t head = atomic_load_explicit(&q->head, memory_order_acquire);
  uint32_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
  if (tail - head >= WEIR_RUNQ_SIZE) {
    overflow(w, g, head);
    return;
  }
  atomic_store_explicit(&q->slot[tail % WEIR_RUNQ_SIZE], g, memory_order_relaxed);
  atomic_store_explicit(&q->tail, tail + 1, memory_order_release); // publishes the slot
}

// The one after the next is on its way into the cache, with what its context is resumed from.
static inline void fetch_ahead(struct weir_runq *q, uint32_t at) {
  uint32_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
  if ((int32_t)(tail - at) < 3) return;
  struct weir_g *g =
      atomic_load_explicit(&q->slot[(at + 1) % WEIR_RUNQ_SIZE], memory_order_relaxed);
  __builtin_prefetch(
      atomic_load_explicit(&q->slot[(at + 2) % WEIR_RUNQ_SIZE], memory_order_relaxed));
  __builtin_prefetch(g->sp);
  __builtin_prefetch((char *)g->sp + 64);
}

static struct weir_g *queue_get(struct weir_worker *w) {
  struct weir_runq *q = &w->queue;
  for (;;) {
    uint32_t head = atomic_load_explicit(&q->head, memory_order_acquire);
    // acquire: the slots before it, for a caller that is not the owner (hand_in)
    if (head == atomic_load_explicit(&q->tail, memory_order_acquire)) return NULL;
    struct weir_g *g = atomic_load_explicit(&q->slot[head % WEIR_RUNQ_SIZE], memory_order_relaxed);
    if (atomic_compare_exchange_weak_explicit(&q->head, &head, head + 1, memory_order_acq_rel,
                                              memory_order_relaxed)) {
      fetch_ahead(q, head);
      return g;
    }
  }
}

// Takes half of victim's queue into w's, which is empty; returns one of them.
static struct weir_g *steal_half(struct weir_worker *w, struct weir_worker *victim) {
  struct weir_runq *from = &victim->queue;
  struct weir_g *taken[WEIR_RUNQ_SIZE / 2];
  uint32_t n;
  for (;;) {
    uint32_t head = atomic_load_explicit(&from->head, memory_order_acquire);
    uint32_t tail = atomic_load_explicit(&from->tail, memory_order_acquire); // sees the slots
    n = tail - head;
    n -= n / 2;
    if (n == 0) return NULL;
    if (n > WEIR_RUNQ_SIZE / 2) continue; // head and tail are of different moments
    for (uint32_t i = 0; i < n; i++)
      taken[i] =
          atomic_load_explicit(&from->slot[(head + i) % WEIR_RUNQ_SIZE], memory_order_relaxed);
    if (atomic_compare_exchange_weak_explicit(&from->head, &head, head + n, memory_order_acq_rel,
                                              memory_order_relaxed))
      break;
  }
  for (uint32_t i = 0; i + 1 < n; i++)
    queue_put(w, taken[i]);
  return taken[n - 1];
}

static struct weir_g *global_get(struct weir_worker *w, uint32_t most) {
  if (atomic_load_explicit(&weir_sched.global.count, memory_order_relaxed) == 0) return NULL;
  weir_lock_acquire(&weir_sched.global.lock);
  struct weir_g *first = weir_sched.global.first;
  uint32_t share = atomic_load_explicit(&weir_sched.global.count, memory_order_relaxed) /
                       (uint32_t)atomic_load_explicit(&weir_sched.procs, memory_order_relaxed) +
                   1;
  uint32_t n = 0;
  struct weir_g *rest = first, *g;
  while (rest && n < most && n < share) {
    rest = rest->next;
    n++;
  }
  weir_sched.global.first = rest;
  if (!rest) weir_sched.global.last = NULL;
  atomic_fetch_sub_explicit(&weir_sched.global.count, n, memory_order_relaxed);
  weir_lock_release(&weir_sched.global.lock);
  if (n == 0) return NULL;
  g = first->next;
  for (uint32_t i = 1; i < n; i++) {
    struct weir_g *after = g->next;
    queue_put(w, g);
    g = after;
  }
  return first;
}

static struct weir_g *take_main(struct weir_worker *w) {
  if (w->index != 0) return NULL;
  if (!atomic_load_explicit(&weir_sched.main_ready, memory_order_relaxed)) return NULL;
  // acquire pairs with weir_main_ready; the monitor may be quicker and queue it
  bool ours = atomic_exchange_explicit(&weir_sched.main_ready, false, memory_order_acquire);
  return ours ? &weir_sched.main_g : NULL;
}

bool weir_policy_add(struct weir_worker *w, struct weir_g *g, bool soon) {
  if (!w) {
    global_put_list(g, g, 1);
    return true;
  }
  if (soon && !(weir_shake_on && (weir_shake_ranks || weir_shake_once_in(2)))) {
    g = atomic_exchange_explicit(&w->run_next, g, memory_order_acq_rel);
    if (!g) return false;
  }
  queue_put(w, g);
  return true;
}

void weir_policy_yield(struct weir_worker *w, struct weir_g *g) {
  if (g == &weir_sched.main_g && w->index == 0 && !g->thread_locks)
    atomic_store_explicit(&weir_sched.main_ready, true, memory_order_seq_cst);
  else
    queue_put(w, g);
}

static struct weir_g *take_run_next(struct weir_worker *w) {
  if (!atomic_load_explicit(&w->run_next, memory_order_relaxed)) return NULL;
  return atomic_exchange_explicit(&w->run_next, NULL, memory_order_acq_rel);
}

// Any order is as good as another.
static struct weir_g *pick_any(struct weir_worker *w) {
  uint32_t r = weir_shake_random();
  struct weir_g *g = NULL;
  if (r % 2) g = take_main(w);
  if (!g && r / 2 % 2) g = take_run_next(w);
  if (!g && r / 4 % 4 == 0) g = global_get(w, 1);
  for (uint32_t behind = r / 16 % 4; !g && behind > 0; behind--) {
    struct weir_g *first = queue_get(w);
    if (!first) break;
    queue_put(w, first);
  }
  return g;
}

// --- shaken by ranks (shake.c) --------------------------------------------------------------

static bool main_is_ready(const struct weir_worker *w) {
  return w->index == 0 && atomic_load_explicit(&weir_sched.main_ready, memory_order_relaxed);
}

static bool main_goes_before(const struct weir_worker *w, uint8_t rank) {
  uint8_t own = weir_sched.main_g.shake_rank;
  return main_is_ready(w) && (own > rank || (own == rank && weir_shake_once_in(2)));
}

// All that is at hand here, but main, into the queue.
static void line_up(struct weir_worker *w) {
  struct weir_g *g = take_run_next(w);
  if (g) queue_put(w, g);
  if ((g = global_get(w, 1))) queue_put(w, g);
}

// Takes the first of those of the highest rank, or once in a long while the first of all.
static struct weir_g *queue_get_ranked(struct weir_worker *w) {
  enum { LOOK = 16, ANY_EVERY = 512 };
  struct weir_g *seen[LOOK], *best = NULL;
  bool any = weir_shake_once_in(ANY_EVERY);
  uint32_t n = 0;
  for (struct weir_g *g; n < LOOK && (g = queue_get(w)); n++) {
    seen[n] = g;
    if (!best || (!any && g->shake_rank > best->shake_rank)) best = g;
  }
  for (uint32_t i = 0; i < n; i++)
    if (seen[i] != best) queue_put(w, seen[i]);
  return best;
}

static struct weir_g *pick_ranked(struct weir_worker *w) {
  enum { MAIN_EVERY = 512 };
  struct weir_g *main_g = weir_shake_once_in(MAIN_EVERY) ? take_main(w) : NULL;
  if (main_g) return main_g;
  line_up(w);
  struct weir_g *g = queue_get_ranked(w);
  if (g && main_goes_before(w, g->shake_rank) && (main_g = take_main(w))) {
    queue_put(w, g);
    return main_g;
  }
  return g ? g : take_main(w);
}

bool weir_policy_outranked(struct weir_worker *w, const struct weir_g *g) {
  struct weir_runq *q = &w->queue;
  line_up(w);
  uint32_t tail = atomic_load_explicit(&q->tail, memory_order_relaxed);
  for (uint32_t at = atomic_load_explicit(&q->head, memory_order_acquire); at != tail; at++) {
    // whoever takes it meanwhile, its struct stays
    struct weir_g *next = atomic_load_explicit(&q->slot[at % WEIR_RUNQ_SIZE], memory_order_relaxed);
    if (next->shake_rank >= g->shake_rank) return true;
  }
  return main_is_ready(w) && weir_sched.main_g.shake_rank >= g->shake_rank;
}

static inline struct weir_g *pick(struct weir_worker *w) {
  uint32_t tick = atomic_load_explicit(&w->tick, memory_order_relaxed);
  struct weir_g *g;
  if (__builtin_expect(weir_shake_on, 0) && (g = weir_shake_ranks ? pick_ranked(w) : pick_any(w)))
    return g;
  if (tick % GLOBAL_EVERY == 0 && (g = global_get(w, TURN))) return g;
  if ((tick & 1) && (g = take_main(w))) return g;
  if (w->next_streak < STREAK && (g = take_run_next(w))) {
    w->next_streak++;
    return g;
  }
  w->next_streak = 0;
  if ((g = queue_get(w))) return g;
  if ((g = take_run_next(w))) return g;
  if ((g = global_get(w, BATCH))) return g;
  return take_main(w);
}

// One that belongs to another thread is left for the loop, which hands it over.
static inline struct weir_g *admit(struct weir_worker *w, struct weir_g *g) {
  if (__builtin_expect(!g || !g->home || g->home == w, 1)) return g;
  w->handoff = g;
  atomic_fetch_or_explicit(&w->attention, WEIR_ATTEND_HANDOFF, memory_order_relaxed);
  return NULL;
}

static inline bool has_to_attend(const struct weir_worker *w) {
  return __builtin_expect(atomic_load_explicit(&w->attention, memory_order_relaxed) != 0, 0);
}

struct weir_g *weir_policy_next(struct weir_worker *w) {
  return has_to_attend(w) && !weir_attend_here(w) ? NULL : admit(w, pick(w));
}

static bool has_been(_Atomic int64_t *since, int64_t now, int64_t ns) {
  return now - atomic_load_explicit(since, memory_order_relaxed) >= ns;
}

// Has victim run one and the same goroutine for LONG? One that is shaken by ranks is to be alone.
static bool runs_long(struct weir_worker *victim, int64_t now) {
  struct weir_watched *seen = &victim->watched;
  uint32_t tick = atomic_load_explicit(&victim->tick, memory_order_relaxed);
  if (tick == atomic_load_explicit(&seen->tick, memory_order_relaxed))
    return has_been(&seen->tick_since, now, weir_shake_ranks ? VERY_LONG : LONG);
  atomic_store_explicit(&seen->tick, tick, memory_order_relaxed);
  atomic_store_explicit(&seen->tick_since, now, memory_order_relaxed);
  return false;
}

// Has some of what stands in victim's queue, from head to tail, been there for RIPE?
static bool waits_long(struct weir_worker *victim, uint32_t head, uint32_t tail, int64_t now) {
  struct weir_watched *seen = &victim->watched;
  if ((int32_t)(atomic_load_explicit(&seen->mark, memory_order_relaxed) - head) > 0)
    return has_been(&seen->mark_since, now, RIPE);
  atomic_store_explicit(&seen->mark, tail, memory_order_relaxed);
  atomic_store_explicit(&seen->mark_since, now, memory_order_relaxed);
  return false;
}

// One of what victim has and will not come to soon; *later: it will soon come to something.
static struct weir_g *steal_ripe(struct weir_worker *w, struct weir_worker *victim, bool *later) {
  uint32_t head = atomic_load_explicit(&victim->queue.head, memory_order_relaxed);
  uint32_t tail = atomic_load_explicit(&victim->queue.tail, memory_order_relaxed);
  bool queued = head != tail;
  if (!queued && !atomic_load_explicit(&victim->run_next, memory_order_relaxed)) return NULL;
  int64_t now = weir_clock_now();
  bool still = runs_long(victim, now);
  struct weir_g *g = NULL;
  bool ripe = queued && !weir_shake_ranks && waits_long(victim, head, tail, now);
  if (queued && (ripe || still)) g = steal_half(w, victim);
  if (!g && still) g = take_run_next(victim);
  *later |= !g && queued;
  return g;
}

struct weir_g *weir_policy_find(struct weir_worker *w, bool *later) {
  bool ignored;
  bool *left = later ? later : &ignored;
  *left = false;
  struct weir_g *g = weir_policy_next(w);
  if (g || has_to_attend(w)) return g;
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  uint32_t start = weir_random();
  for (int i = 0; i < n; i++) {
    struct weir_worker *victim = atomic_load_explicit(
        &weir_sched.workers[(start + (uint32_t)i) % (uint32_t)n], memory_order_acquire);
    if (!victim || victim == w) continue;
    if (!later && (g = steal_half(w, victim))) return admit(w, g);
    if ((g = steal_ripe(w, victim, left))) return admit(w, g);
  }
  return NULL;
}

void weir_policy_hand_in(struct weir_worker *w) {
  for (struct weir_g *g; (g = take_run_next(w)) || (g = queue_get(w));)
    global_put_list(g, g, 1);
}

bool weir_policy_any_here(struct weir_worker *w) {
  if (atomic_load_explicit(&weir_sched.global.count, memory_order_relaxed)) return true;
  return w->index == 0 && atomic_load_explicit(&weir_sched.main_ready, memory_order_relaxed);
}

bool weir_policy_any(struct weir_worker *w) {
  if (weir_policy_any_here(w)) return true;
  int n = atomic_load_explicit(&weir_sched.n_workers, memory_order_acquire);
  for (int i = 0; i < n; i++) {
    struct weir_worker *v = atomic_load_explicit(&weir_sched.workers[i], memory_order_acquire);
    if (!v) continue;
    uint32_t head = atomic_load_explicit(&v->queue.head, memory_order_relaxed);
    if (head != atomic_load_explicit(&v->queue.tail, memory_order_relaxed)) return true;
    // What a running worker keeps to run next is its own business; an idle one has none.
    if (v == w && atomic_load_explicit(&v->run_next, memory_order_relaxed)) return true;
  }
  return false;
}
