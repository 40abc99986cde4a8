// SPDX-License-Identifier: Apache-2.0
//
// The life of a channel: make, close, free; and what its owner in the runtime (a timer, a
// context) does to it. The operations are in chan_send.c, chan_recv.c and select.c; the
// invariants in chan.h.
//
// Free. A goroutine that was woken from a plain wait does not touch the channel again, but
// a select has to take its other waiters back, so it pins the channels it waits on
// and the memory goes with the last pin. `ctx_cancel(c); ctx_free(c);` is safe for that
// reason while others still return from their selects.
#include "sync/chan.h"
#include "sched/shake.h"

#include "base/check.h"
#include "sync/slab.h"

// A negative number arrives as one above PTRDIFF_MAX.
static size_t allocation_size(size_t elem_size, size_t cap, const struct weir_site *site) {
  size_t slots, bytes;
  if (elem_size > WEIR_CHAN_ELEM_MAX)
    weir_fatal("weir_chan_make: an element of %zu bytes is over the limit of %d, at %s:%u",
               elem_size, WEIR_CHAN_ELEM_MAX, site->file, (unsigned)site->line);
  if (cap > PTRDIFF_MAX)
    weir_fatal("weir_chan_make: a capacity of %td, at %s:%u", (ptrdiff_t)cap, site->file,
               (unsigned)site->line);
  if (__builtin_mul_overflow(elem_size, cap, &slots) ||
      __builtin_add_overflow(slots, sizeof(struct weir_chan_), &bytes) || bytes > PTRDIFF_MAX)
    weir_fatal("weir_chan_make: %zu elements of %zu bytes are too many, at %s:%u", cap, elem_size,
               site->file, (unsigned)site->line);
  return bytes;
}

static size_t clocks_size(size_t cap) {
  size_t bytes;
  if (__builtin_mul_overflow(cap, sizeof(struct weir_clock *), &bytes)) return SIZE_MAX;
  return bytes;
}

static struct weir_clock **make_clocks(size_t cap) {
  size_t bytes = clocks_size(cap);
  struct weir_clock **clocks = weir_slab_alloc(bytes);
  if (!clocks && weir_hb_on)
    weir_fatal("weir_chan_make: out of memory for the clocks of %zu elements", cap);
  if (!clocks) {
    weir_lock_order_give_up();
    return NULL;
  }
  if (bytes <= WEIR_SLAB_MAX) weir_zero(clocks, bytes); // a mapping is zero and may be huge
  return clocks;
}

struct weir_chan_ *weir_chan_make_(size_t elem_size, size_t cap, const struct weir_site *site) {
  size_t bytes = allocation_size(elem_size, cap, site);
  struct weir_chan_ *c = weir_slab_alloc(bytes);
  if (!c)
    weir_fatal("weir_chan_make: out of memory for %zu elements of %zu bytes, at %s:%u", cap,
               elem_size, site->file, (unsigned)site->line);
  weir_zero(c, sizeof *c);
  c->magic = WEIR_CHAN_LIVE;
  c->elem_size = (uint32_t)elem_size;
  c->cap = cap;
  c->site = site;
  c->bytes = bytes;
  if (__builtin_expect(weir_hb_on || weir_lock_order_on, 0) && cap) c->clocks = make_clocks(cap);
  WEIR_HB(unused, c);
  return c;
}

void weir_chan_announce(struct weir_chan_ *c, enum weir_use use, const void *pc) {
  weir_hb_api_enter_(pc);
  if (use != WEIR_USE_SEND || !weir_chan_is_closed(c)) weir_hb_use_(c, use);
}

void weir_chan_ends(struct weir_chan_ *c, const struct weir_call *call, bool send, bool wants) {
  const struct weir_site *site = weir_chan_named(c, call->site);
  enum weir_end own = send ? WEIR_END_SEND : WEIR_END_RECV;
  if (c->owned || c->once) return; // served by a timer
  if (wants) weir_hook_end_wanted(call->g, own, c, site, call->pc);
  weir_hook_end_served(call->g, send ? WEIR_END_RECV : WEIR_END_SEND, c, site, call->pc);
}

void weir_chan_misuse(enum weir_finding_id id, struct weir_chan_ *c, const struct weir_site *site,
                      const void *pc) {
  weir_lock_release(&c->lock);
  weir_hook_misuse(id, WEIR_OBJ_CHAN, c, site, pc, c->closed_pc, c->closed_by);
}

// A waiter that is really blocked here: not one whose select was won elsewhere.
static struct weir_waiter *blocked_on(struct weir_waitq_ *q) {
  for (struct weir_waiter *w = q->first; w; w = w->next)
    if (!w->select || !atomic_load_explicit(&w->select->claimed, memory_order_acquire)) return w;
  return NULL;
}

// Before anybody can see that it has ended.
static void note_end(const struct weir_chan_ *c, uint64_t goid, const void *frame) {
  if (!WEIR_DETECTS) return;
  uintptr_t pcs[WEIR_ENDED_FRAMES];
  weir_hook_ended(c, goid, pcs, weir_self_stack(frame, pcs, WEIR_ENDED_FRAMES));
}

// --- close ---------------------------------------------------------------------------------

// Takes everybody off a queue and puts them, told that nothing was transferred, on *list.
static void dismiss(struct weir_chan_ *c, struct weir_waitq_ *q, struct weir_waiter **list) {
  struct weir_waiter *w;
  while ((w = weir_waitq_take(q))) {
    w->ok = false;
    if (q == &c->receivers && w->elem) weir_zero(w->elem, c->elem_size);
    WEIR_EDGE_IF weir_clocks_of(w)->incoming = c->closed_clock;
    w->next = *list;
    *list = w;
  }
}

// `dismiss` put the newest first; they are to run oldest first.
static struct weir_waiter *reversed(struct weir_waiter *list) {
  struct weir_waiter *out = NULL;
  while (list) {
    struct weir_waiter *next = list->next;
    list->next = out;
    out = list;
    list = next;
  }
  return out;
}

void weir_chan_shut(struct weir_chan_ *c, const void *pc, uint64_t goid,
                    struct weir_clock *closer) {
  c->closed_by = goid;
  c->closed_pc = pc;
  if (closer)
    c->closed_clock = closer;
  else if (weir_hb_edges_on())
    weir_clock_set(&c->closed_clock);
  // release pairs with the acquire in weir_chan_is_closed
  __atomic_store_n(&c->closed, true, __ATOMIC_RELEASE);
  struct weir_waiter *list = NULL;
  dismiss(c, &c->receivers, &list);
  dismiss(c, &c->senders, &list);
  weir_lock_release(&c->lock);
  for (struct weir_waiter *w = reversed(list), *next; w; w = next) {
    next = w->next;
    weir_ready(w->g);
  }
}

static void announce_close(struct weir_chan_ *c, const struct weir_site *site, const void *pc) {
  weir_chan_lock(c, site, pc);
  bool fatal = c->closed || blocked_on(&c->senders);
  weir_lock_release(&c->lock);
  if (fatal)
    weir_hb_api_enter_(pc);
  else
    weir_chan_announce(c, WEIR_USE_CLOSE, pc);
}

void weir_chan_close_(struct weir_chan_ *c, const struct weir_site *site) {
  weir_shake();
  const void *pc = __builtin_return_address(0);
  if (!c) weir_hook_misuse(WEIR_F_CLOSE_OF_NIL, WEIR_OBJ_CHAN, NULL, site, pc, NULL, 0);
  if (c->owned) weir_fatal("weir_close: the channel of a timer or a context is not yours");
  WEIR_HB_IF announce_close(c, site, pc);
  uint64_t goid = weir_g_id(weir_self());
  weir_chan_tell(c, &(struct weir_call){weir_self(), site, pc}, true, false);
  weir_chan_lock(c, site, pc);
  if (c->closed) weir_chan_misuse(WEIR_F_CLOSE_OF_CLOSED, c, site, pc);
  WEIR_HB(call, pc, WEIR_SYNC_CLOSE, weir_chan_named(c, site));
  note_end(c, goid, __builtin_frame_address(0));
  WEIR_TRACE(CLOSE, weir_self(), c, weir_chan_named(c, site), pc);
  weir_chan_shut(c, pc, goid, NULL);
  weir_api_leave();
}

// --- free ----------------------------------------------------------------------------------

static void destroy(struct weir_chan_ *c) {
  for (size_t i = 0; c->clocks && i < c->cap; i++)
    weir_clock_free(c->clocks[i]);
  if (c->clocks) weir_slab_free(c->clocks, clocks_size(c->cap));
  weir_clock_free(c->closed_clock);
  WEIR_HB(unused, c);
  weir_slab_free(c, c->bytes);
}

void weir_chan_retire(struct weir_chan_ *c, const void *pc, uint64_t goid) {
  c->magic = WEIR_CHAN_DEAD;
  c->closed_pc = pc;
  c->closed_by = goid;
  bool last = c->pins == 0;
  weir_lock_release(&c->lock);
  if (last) destroy(c);
}

void weir_chan_unpin(struct weir_chan_ *c) {
  bool last = --c->pins == 0 && c->magic == WEIR_CHAN_DEAD;
  weir_lock_release(&c->lock);
  if (last) destroy(c);
}

void weir_chan_free_at(struct weir_chan_ *c, const struct weir_site *site, const void *pc) {
  uint64_t goid = weir_g_id(weir_self());
  weir_chan_lock(c, site, pc);
  struct weir_waiter *w = blocked_on(&c->receivers);
  if (!w) w = blocked_on(&c->senders);
  if (w) {
    weir_lock_release(&c->lock);
    weir_hook_misuse(WEIR_F_FREE_OF_CHANNEL_IN_USE, WEIR_OBJ_CHAN, c, site, pc, NULL,
                     weir_g_id(w->g));
  }
  weir_chan_retire(c, pc, goid);
}

static void announce_free(struct weir_chan_ *c, const struct weir_site *site, const void *pc) {
  weir_chan_lock(c, site, pc);
  bool fatal = blocked_on(&c->senders) || blocked_on(&c->receivers);
  weir_lock_release(&c->lock);
  if (fatal) return;
  weir_chan_announce(c, WEIR_USE_FREE, pc);
  weir_hb_api_leave_();
}

void weir_chan_free_(struct weir_chan_ *c, const struct weir_site *site) {
  if (!c) return;
  if (c->owned) weir_fatal("weir_chan_free: the channel of a timer or a context is not yours");
  const void *pc = __builtin_return_address(0);
  WEIR_HB_IF announce_free(c, site, pc);
  if (c->magic == WEIR_CHAN_LIVE) note_end(c, weir_g_id(weir_self()), __builtin_frame_address(0));
  weir_chan_free_at(c, site, pc);
}

// --- size ----------------------------------------------------------------------------------

// A timer's channel shows no buffer, as in Go: a value in it may still be taken back by a stop.
size_t weir_chan_len_(struct weir_chan_ *c) {
  return c && !c->owned ? __atomic_load_n(&c->count, __ATOMIC_RELAXED) : 0;
}

size_t weir_chan_cap_(struct weir_chan_ *c) {
  return c && !c->owned ? c->cap : 0;
}
