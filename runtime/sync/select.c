// SPDX-License-Identifier: Apache-2.0
//
// Select. Three steps, each only if the one before did not settle it:
//
// 1. Look at the channels without locks, and try, one at a time and in random order,
//    those that seem ready. A case that can go on may go on, whatever the others do, so no
//    view of all channels at once is needed; each ready case is as likely as any other.
// 2. Lock all channels, in order of address, and try all cases in random order: only
//    this shows that *none* is ready, which a default and a wait both claim.
// 3. Queue a waiter on every channel and park, giving the locks back. Whoever claims the
//    select (waitq.h) has done the operation of that case. Awake, lock all again and take
//    the losing waiters back.
//
// Before all that, a select of few cases looks at them in the caller's array: if one can go on that
// is all there is to do, and if its only channel cannot, a default needs no lock to say so.
//
// Up to SMALL cases live on the stack, more in one block of the slab. Channels that a
// waiter stands on are pinned: they may be freed once closed, but not under our feet.
#include "base/check.h"
#include "sched/shake.h"
#include "sync/chan.h"
#include "sync/slab.h"

enum { SMALL = 8 };

struct lane { // one case that has a channel
  struct weir_chan_ *c;
  uint32_t index; // in the caller's cases
};

struct select {
  struct weir_case *cases;
  struct weir_call call;
  uint32_t n;                  // lanes
  struct lane *lanes;          // in order of the channels' addresses
  uint32_t *order;             // of trying, random
  struct weir_waiter *waiters; // like lanes
  struct weir_select_state state;
};

static const struct weir_case *case_of(const struct select *s, uint32_t lane) {
  return &s->cases[s->lanes[lane].index];
}

// --- preparation -----------------------------------------------------------------------------

// Insertion sort: stable, and the usual select has a handful of cases; a big one is sorted
// with gaps first.
static void sort_lanes(struct lane *l, uint32_t n) {
  uint32_t gap = 1;
  while (gap < n / 9)
    gap = gap * 3 + 1;
  for (; gap; gap /= 3)
    for (uint32_t i = gap; i < n; i++) {
      struct lane x = l[i];
      uint32_t j = i;
      for (; j >= gap && (uintptr_t)l[j - gap].c > (uintptr_t)x.c; j -= gap)
        l[j] = l[j - gap];
      l[j] = x;
    }
}

// Unbiased enough: the bias is n / 2^32.
static uint32_t below(uint32_t n) {
  return (uint32_t)(((uint64_t)weir_random() * n) >> 32);
}

// One step of a shuffle: a random element of order[i..n-1] comes to order[i].
static uint32_t draw(uint32_t *order, uint32_t i, uint32_t n) {
  if (i + 1 == n) return order[i];
  uint32_t j = i + below(n - i), x = order[j];
  order[j] = order[i];
  order[i] = x;
  return x;
}

// --- locks -----------------------------------------------------------------------------------

static void lock_all(struct select *s) {
  for (uint32_t i = 0; i < s->n; i++)
    if (i == 0 || s->lanes[i].c != s->lanes[i - 1].c)
      weir_chan_lock(s->lanes[i].c, case_of(s, i)->site, s->call.pc);
}

// Also called by the scheduler when the goroutine is parked. The stack this stands on is
// safe until the last lock is released: the goroutine needs it to leave.
static void unlock_all(void *arg) {
  struct select *s = arg;
  struct lane *l = s->lanes;
  for (uint32_t i = 0, n = s->n; i < n;) {
    struct weir_chan_ *c = l[i].c;
    do
      i++;
    while (i < n && l[i].c == c);
    weir_lock_release(&c->lock);
  }
}

// --- trying ----------------------------------------------------------------------------------

// Which case the edges from here on are of.
static void announce(const struct select *s, const struct weir_case *k) {
  weir_hb_call_(s->call.pc, k->kind == WEIR_CASE_SEND ? WEIR_SYNC_SEND : WEIR_SYNC_RECV,
                weir_chan_named(k->ch, k->site));
}

// Whichever case is taken, the others could have been.
static void announce_uses(const struct select *s) {
  for (uint32_t i = 0; i < s->n; i++) {
    const struct weir_case *k = case_of(s, i);
    bool send = k->kind == WEIR_CASE_SEND;
    if (!send || !weir_chan_is_closed(k->ch))
      weir_hb_use_(k->ch, send ? WEIR_USE_SEND : WEIR_USE_RECV);
  }
}

// The lane's operation, under its lock, if it can be done at once.
static bool try_lane(struct select *s, uint32_t lane, struct weir_g **wake) {
  const struct weir_case *k = case_of(s, lane);
  uint64_t goid = weir_g_id(s->call.g);
  WEIR_EDGE_IF announce(s, k);
  bool ok;
  if (k->kind == WEIR_CASE_SEND) {
    if (__builtin_expect(k->ch->closed, 0)) return true; // settle says what is wrong
    if (!weir_chan_send_now(k->ch, k->elem, goid, wake)) return false;
    WEIR_TRACE_IF weir_chan_trace_sent(k->ch, &s->call, *wake);
    return true;
  }
  if (!weir_chan_recv_now(k->ch, k->elem, &ok, goid, wake)) return false;
  WEIR_TRACE_IF weir_chan_trace_received(k->ch, &s->call, ok, *wake);
  if (k->ok) *k->ok = ok;
  return true;
}

static bool send_on_closed(const struct weir_case *k) {
  return k->kind == WEIR_CASE_SEND && k->ch->closed;
}

// After the operation of a case, without locks.
static int settle(struct select *s, const struct weir_case *k, size_t size, bool once,
                  struct weir_g *wake) {
  if (wake) weir_ready(wake);
  if (k->kind == WEIR_CASE_SEND) {
    WEIR_HB(read, k->elem, size, s->call.pc);
  } else {
    if (k->elem) WEIR_HB(write, k->elem, size, s->call.pc);
    if (k->ok) WEIR_HB(write, k->ok, sizeof *k->ok, s->call.pc);
    if (__builtin_expect(once, 0)) weir_after_received(k->ch); // nobody closes these
  }
  return (int)(k - s->cases);
}

static bool seems_ready(const struct weir_case *k) {
  return k->kind == WEIR_CASE_SEND ? weir_chan_may_send(k->ch) : weir_chan_may_recv(k->ch);
}

enum { NONE = -2 };

// Puts the lanes that seem ready into `order`. With all locks held "not ready" is certain, and
// "ready" wrong only if all who wait there were won by other selects.
static uint32_t collect_ready(struct select *s) {
  uint32_t ready = 0;
  for (uint32_t i = 0; i < s->n; i++)
    if (seems_ready(case_of(s, i))) s->order[ready++] = i;
  return ready;
}

// Of several ready cases any may be taken; a send on a closed channel among them is fatal whenever
// it is. Looked at before the operation, after which others may rightly close the channel, and free
// it.
struct chance {
  const struct weir_case *offered; // NULL: there is no such case
  struct weir_object_desc channel;
};

static void weigh(const struct select *s, uint32_t ready, struct chance *c) {
  c->offered = NULL;
  for (uint32_t i = 0; ready > 1 && i < ready && !c->offered; i++) {
    const struct weir_case *k = case_of(s, s->order[i]);
    if (k->kind != WEIR_CASE_SEND || !weir_chan_is_closed(k->ch)) continue;
    c->offered = k;
    weir_object_describe(WEIR_OBJ_CHAN, k->ch, &c->channel);
  }
}

static void tell_chance(const struct select *s, const struct chance *c) {
  if (__builtin_expect(c->offered != NULL, 0))
    weir_hook_by_chance(WEIR_F_SEND_CLOSE_RACE, &c->channel, c->offered->site, s->call.pc);
}

static int try_without_locks(struct select *s) {
  uint32_t ready = collect_ready(s);
  struct chance chance;
  weigh(s, ready, &chance);
  for (uint32_t i = 0; i < ready; i++) {
    uint32_t lane = draw(s->order, i, ready);
    const struct weir_case *k = case_of(s, lane);
    struct weir_chan_ *c = k->ch;
    struct weir_g *wake = NULL;
    weir_chan_lock(c, k->site, s->call.pc);
    if (send_on_closed(k)) weir_chan_misuse(WEIR_F_SEND_ON_CLOSED, c, k->site, s->call.pc);
    size_t size = c->elem_size;
    bool once = c->once, done = try_lane(s, lane, &wake);
    weir_lock_release(&c->lock);
    if (!done) continue;
    tell_chance(s, &chance);
    return settle(s, k, size, once, wake);
  }
  return NONE;
}

// All locks are held; released if a case was done.
static int try_with_locks(struct select *s) {
  uint32_t ready = collect_ready(s);
  for (uint32_t i = 0; i < ready; i++) {
    uint32_t lane = draw(s->order, i, ready);
    const struct weir_case *k = case_of(s, lane);
    struct weir_g *wake = NULL;
    size_t size = k->ch->elem_size;
    bool once = k->ch->once, closed = send_on_closed(k);
    if (!try_lane(s, lane, &wake)) continue;
    unlock_all(s);
    if (closed)
      weir_hook_misuse(WEIR_F_SEND_ON_CLOSED, WEIR_OBJ_CHAN, k->ch, k->site, s->call.pc,
                       k->ch->closed_pc, k->ch->closed_by);
    return settle(s, k, size, once, wake);
  }
  return NONE;
}

// --- waiting ---------------------------------------------------------------------------------

// The cases of one channel wait there in random order, else its partner would always find the
// first of them.
static void mix_equal(struct lane *l, uint32_t n) {
  for (uint32_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && l[end].c == l[i].c;)
      end++;
    for (uint32_t k = i; k + 1 < end; k++) {
      uint32_t j = k + below(end - k);
      struct lane x = l[k];
      l[k] = l[j];
      l[j] = x;
    }
  }
}

static void enqueue(struct select *s) {
  mix_equal(s->lanes, s->n);
  for (uint32_t i = 0; i < s->n; i++) {
    const struct weir_case *k = case_of(s, i);
    bool send = k->kind == WEIR_CASE_SEND;
    struct weir_waiter *w = &s->waiters[i];
    w->g = s->call.g;
    w->select = &s->state;
    w->object = k->ch;
    w->kind = WEIR_OBJ_CHAN;
    w->op = send ? WEIR_WAIT_CHAN_SEND : WEIR_WAIT_CHAN_RECV;
    w->elem = k->elem;
    w->index = (int)s->lanes[i].index;
    w->ok = false;
    weir_waitq_push(send ? &k->ch->senders : &k->ch->receivers, w);
    k->ch->pins++;
  }
}

// Takes the losers back and unpins, one channel after the other: once claimed, nobody else
// can win, so the locks need not be held together.
static void dequeue(struct select *s) {
  for (uint32_t i = 0; i < s->n; i++) {
    struct weir_waiter *w = &s->waiters[i];
    struct weir_chan_ *c = s->lanes[i].c;
    weir_lock_acquire(&c->lock);
    if (w->queued) weir_waitq_remove(w->op == WEIR_WAIT_CHAN_SEND ? &c->senders : &c->receivers, w);
    weir_chan_unpin(c);
  }
}

static int wait_for_one(struct select *s) {
  struct weir_g *g = s->call.g;
  atomic_store_explicit(&s->state.claimed, 0, memory_order_relaxed);
  WEIR_HB(call, s->call.pc, WEIR_SYNC_SELECT, s->call.site);
  WEIR_EDGE_IF weir_clocks_park(&s->state.clocks);
  enqueue(s);
  weir_park_describe(g, WEIR_WAIT_SELECT, s->waiters, s->n, s->call.pc);
  weir_park_unlock(g, unlock_all, s);
  const struct weir_waiter *won = s->state.winner;
  const struct weir_case *k = &s->cases[won->index];
  size_t size = k->ch->elem_size; // pinned until dequeue
  bool once = k->ch->once;
  WEIR_EDGE_IF {
    announce(s, k);
    weir_clocks_wake(&s->state.clocks, won->ok);
  }
  if (k->kind == WEIR_CASE_SEND && !won->ok)
    weir_hook_misuse(WEIR_F_SEND_ON_CLOSED, WEIR_OBJ_CHAN, k->ch, k->site, s->call.pc,
                     k->ch->closed_pc, k->ch->closed_by);
  dequeue(s);
  if (k->kind == WEIR_CASE_RECV && k->ok) *k->ok = won->ok;
  return settle(s, k, size, once, NULL);
}

// Nothing can ever wake it; the waiters tell which nil channels it names.
static _Noreturn void wait_for_ever(struct select *s, size_t n_cases) {
  for (;;) {
    weir_park_describe(s->call.g, n_cases ? WEIR_WAIT_SELECT : WEIR_WAIT_SELECT_EMPTY, NULL, 0,
                       s->call.pc);
    weir_park(s->call.g, NULL);
  }
}

// --- at once ---------------------------------------------------------------------------------

// One of the bits that are set, each with the same probability.
static uint32_t one_of(uint32_t bits) {
  if (bits & (bits - 1))
    for (uint32_t skip = below((uint32_t)__builtin_popcount(bits)); skip; skip--)
      bits &= bits - 1;
  return (uint32_t)__builtin_ctz(bits);
}

static __attribute__((noinline)) void trace_case(const struct weir_case *k,
                                                 const struct weir_call *call, bool done, bool ok,
                                                 const struct weir_g *partner) {
  if (done && k->kind == WEIR_CASE_SEND) weir_chan_trace_sent(k->ch, call, partner);
  if (done && k->kind != WEIR_CASE_SEND) weir_chan_trace_received(k->ch, call, ok, partner);
}

// The case's operation, if it can still be done. Nobody uses edges.
static inline __attribute__((always_inline)) bool try_now(const struct weir_case *k,
                                                          const struct weir_call *call) {
  struct weir_chan_ *c = k->ch;
  struct weir_g *wake;
  uint64_t goid = weir_g_id(call->g);
  bool done, ok = false;
  weir_chan_lock(c, k->site, call->pc);
  bool send = k->kind == WEIR_CASE_SEND, once = c->once;
  if (__builtin_expect(send && c->closed, 0))
    weir_chan_misuse(WEIR_F_SEND_ON_CLOSED, c, k->site, call->pc);
  if (send)
    done = weir_chan_send_now(c, k->elem, goid, &wake);
  else
    done = weir_chan_recv_now(c, k->elem, &ok, goid, &wake);
  WEIR_TRACE_IF trace_case(k, call, done, ok, wake);
  weir_lock_release(&c->lock);
  if (wake) weir_ready(wake);
  if (done && !send && k->ok) *k->ok = ok;
  if (__builtin_expect(done && !send && once, 0)) weir_after_received(c);
  return done;
}

enum { LOST = -3 }; // one that was ready is no more

static inline __attribute__((always_inline)) int at_once(const struct weir_case *cases, uint32_t n,
                                                         const struct weir_call *call) {
  uint32_t ready = 0, lanes = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (cases[i].kind == WEIR_CASE_DEFAULT || !cases[i].ch) continue;
    lanes++;
    if (seems_ready(&cases[i])) ready |= 1u << i;
  }
  if (ready) {
    uint32_t i = one_of(ready);
    if (!try_now(&cases[i], call)) return LOST;
    if (lanes < n) weir_took_part(call->g); // there may be a default
    return (int)i;
  }
  bool has_default = false;
  for (uint32_t i = 0; lanes <= 1 && i < n; i++)
    has_default |= cases[i].kind == WEIR_CASE_DEFAULT;
  if (!has_default) return NONE;
  for (uint32_t i = 0; lanes && i < n; i++)
    if (cases[i].kind != WEIR_CASE_DEFAULT && cases[i].ch)
      weir_chan_tried(cases[i].ch, cases[i].kind == WEIR_CASE_SEND, false, call->pc);
  return WEIR_DEFAULT;
}

// --- the call --------------------------------------------------------------------------------

// Fills the lanes; returns whether there is a default.
static bool collect(struct select *s, size_t n) {
  bool has_default = false;
  for (size_t i = 0; i < n; i++) {
    if (s->cases[i].kind == WEIR_CASE_DEFAULT)
      has_default = true;
    else if (s->cases[i].ch)
      s->lanes[s->n++] = (struct lane){s->cases[i].ch, (uint32_t)i};
  }
  return has_default;
}

// The default is taken. All locks are held; released here.
static void tell_tries(struct select *s) {
  struct weir_g *g = s->call.g;
  for (uint32_t i = 0; i < s->n; i++) {
    const struct weir_case *k = case_of(s, i);
    s->waiters[i].g = weir_chan_try_failed(k->ch, k->kind == WEIR_CASE_SEND, g);
  }
  unlock_all(s);
  for (uint32_t i = 0; i < s->n; i++) {
    const struct weir_chan_ *c = s->lanes[i].c; // which somebody may have freed by now
    WEIR_TRACE_FILE(TRY, g, c, case_of(s, i)->site, s->call.pc);
    weir_hook_try_failed(g, WEIR_OBJ_CHAN, c, s->call.pc, s->waiters[i].g);
  }
}

static int run(struct select *s, size_t n, bool looked) {
  bool has_default = collect(s, n);
  if (s->n == 0) {
    if (has_default) return WEIR_DEFAULT;
    wait_for_ever(s, n);
  }
  WEIR_HB_IF announce_uses(s);
  int got = looked ? NONE : try_without_locks(s);
  if (got == NONE) {
    sort_lanes(s->lanes, s->n);
    lock_all(s);
    got = try_with_locks(s);
  }
  if (got != NONE) {
    if (has_default) weir_took_part(s->call.g);
    return got;
  }
  if (has_default) {
    tell_tries(s);
    return WEIR_DEFAULT;
  }
  return wait_for_one(s);
}

static int run_small(struct select *s, size_t n, bool looked) {
  struct lane lanes[SMALL];
  uint32_t order[SMALL];
  struct weir_waiter waiters[SMALL];
  s->lanes = lanes;
  s->order = order;
  s->waiters = waiters;
  return run(s, n, looked);
}

static int run_big(struct select *s, size_t n) {
  size_t each = sizeof(struct weir_waiter) + sizeof(struct lane) + sizeof(uint32_t);
  if (n > INT32_MAX / each) weir_fatal("weir_select: %zu cases are too many", n);
  s->waiters = weir_slab_alloc(n * each);
  if (!s->waiters) weir_fatal("weir_select: out of memory for %zu cases", n);
  s->lanes = (struct lane *)(s->waiters + n);
  s->order = (uint32_t *)(s->lanes + n);
  int got = run(s, n, false);
  weir_slab_free(s->waiters, n * each);
  return got;
}

// looked: none was ready a moment ago.
static __attribute__((noinline)) int select_slow(struct weir_case *cases, size_t n,
                                                 const struct weir_call *call, bool looked) {
  struct select s = {.cases = cases, .call = *call};
  weir_api_enter(call->pc);
  int got = n <= SMALL ? run_small(&s, n, looked) : run_big(&s, n);
  weir_api_leave();
  return got;
}

// Whichever case is taken, the others could have been.
static __attribute__((noinline)) void tell_ends(const struct weir_case *cases, size_t n,
                                                const struct weir_call *call) {
  for (const struct weir_case *k = cases; k < cases + n; k++)
    if (k->kind != WEIR_CASE_DEFAULT && k->ch)
      weir_chan_ends(k->ch, call, k->kind == WEIR_CASE_SEND, false);
}

int weir_select_(struct weir_case *cases, size_t n, const struct weir_site *site) {
  weir_shake();
  struct weir_call call = {weir_self(), site, __builtin_return_address(0)};
  if (__builtin_expect(weir_lock_order_on, 0)) tell_ends(cases, n, &call);
  bool usual = n <= SMALL && !weir_hb_edges_on();
  int got = __builtin_expect(usual, 1) ? at_once(cases, (uint32_t)n, &call) : LOST;
  return got >= WEIR_DEFAULT ? got : select_slow(cases, n, &call, got == NONE);
}
