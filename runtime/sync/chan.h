// SPDX-License-Identifier: Apache-2.0
//
// The channel, as chan.c, send.c, recv.c and select.c see it.
//
// Invariants, under the lock: of the two wait queues at most one has waiters that can be
// woken, except that one select may stand in both; receivers wait only while
// count == 0, senders only while count == cap; a closed channel has no waiters.
// An operation that finds a partner copies the element from one goroutine's memory
// straight to the other's (unbuffered, or empty), so nobody looks twice.
//
// `count`, `closed` and the heads of the queues are also read without the lock, as hints
// (try operations, select, len): those reads and all writes of them are atomic, relaxed;
// what follows from a hint is decided again under the lock, but for "would block",
// which was true at the moment of the read.
//
// Lock rank: channel locks in order of address (select); then the scheduler's.
#ifndef WEIR_SYNC_CHAN_H
#define WEIR_SYNC_CHAN_H

#include <stdint.h>
#include <weir/chan.h>

#include "base/hooks.h"
#include "base/trace.h"
#include "os/copy.h"
#include "os/lock.h"
#include "sync/clock.h"
#include "sync/waitq.h"

enum { WEIR_CHAN_LIVE = 0x6e616863, WEIR_CHAN_DEAD = 0x64616564, WEIR_CHAN_ELEM_MAX = 65536 };

struct weir_chan_ {
  void *slab_link; // sync/slab.h
  struct weir_lock lock;
  uint32_t magic;
  uint32_t elem_size;
  bool closed;
  bool timer_pending;                  // set by the owner of the timer; atomic, relaxed
  bool once;                           // weir_after's: retired when its value was received
  uint8_t owned;                       // enum weir_chan_use: not the program's to close
  uint32_t pins;                       // selects that still have to take their waiters back
  size_t cap, count, send_at, recv_at; // slots; count elements from recv_at on
  struct weir_waitq_ senders, receivers;
  uint64_t last_sender, last_receiver; // goids
  // Who tried last and did not wait, of an unbuffered channel. Atomic, relaxed.
  struct weir_g *try_sender, *try_receiver;
  const struct weir_site *site; // of its creation
  const void *closed_pc;        // who closed it; once dead: who freed it
  uint64_t closed_by;
  uint32_t end_number[2];     // of the receivers' end and the senders', for detectors; atomic
  struct weir_clock **clocks; // [cap], where edges may be used
  struct weir_clock *closed_clock;
  size_t bytes; // of the allocation
  _Alignas(16) char slots[];
};

// A plain (not select) operation that waits.
struct weir_chan_wait {
  struct weir_waiter waiter;
  struct weir_wait_clocks clocks;
};

static inline struct weir_wait_clocks *weir_clocks_of(struct weir_waiter *w) {
  if (w->select) return &w->select->clocks;
  return &((struct weir_chan_wait *)w)->clocks;
}

static inline char *weir_chan_slot(struct weir_chan_ *c, size_t i) {
  return c->slots + i * c->elem_size;
}

static inline size_t weir_chan_after(const struct weir_chan_ *c, size_t i) {
  return i + 1 == c->cap ? 0 : i + 1;
}

static inline void weir_chan_set_count(struct weir_chan_ *c, size_t n) {
  __atomic_store_n(&c->count, n, __ATOMIC_RELAXED);
}

// --- hints, without the lock ---------------------------------------------------------
static inline bool weir_chan_is_closed(const struct weir_chan_ *c) {
  // acquire pairs with the release in close: "closed" is seen with all that went before
  return __atomic_load_n(&c->closed, __ATOMIC_ACQUIRE);
}
static inline bool weir_chan_may_send(const struct weir_chan_ *c) {
  return __atomic_load_n(&c->receivers.first, __ATOMIC_RELAXED) ||
         __atomic_load_n(&c->count, __ATOMIC_RELAXED) < c->cap || weir_chan_is_closed(c);
}
static inline bool weir_chan_may_recv(const struct weir_chan_ *c) {
  return __atomic_load_n(&c->count, __ATOMIC_RELAXED) ||
         __atomic_load_n(&c->senders.first, __ATOMIC_RELAXED) || weir_chan_is_closed(c);
}

// A try by g on one side of a channel that is not ready for it. Returns on account of whom it
// failed: who tried the other side, as two tries do not meet without a buffer. NULL: not known.
static inline struct weir_g *weir_chan_try_failed(struct weir_chan_ *c, bool send,
                                                  struct weir_g *g) {
  if (c->cap) return NULL;
  __atomic_store_n(send ? &c->try_sender : &c->try_receiver, g, __ATOMIC_RELAXED);
  return __atomic_load_n(send ? &c->try_receiver : &c->try_sender, __ATOMIC_RELAXED);
}
__attribute__((noinline)) bool weir_chan_tried(struct weir_chan_ *c, bool send, bool done,
                                               const void *pc); // tells the detectors; done

// --- the parts that plain operations and select share ---------------------------------
// What an operation needs to know of its caller.
struct weir_call {
  struct weir_g *g;
  const struct weir_site *site;
  const void *pc;
};

// For the flight recorder: the operation was done, `partner` is to be woken or NULL. Under the
// lock.
void weir_chan_trace_sent(struct weir_chan_ *c, const struct weir_call *call,
                          const struct weir_g *partner);
void weir_chan_trace_received(struct weir_chan_ *c, const struct weir_call *call, bool ok,
                              const struct weir_g *partner);

_Noreturn void weir_block_forever(enum weir_wait_op op, const struct weir_call *call);
_Noreturn void weir_chan_misuse(enum weir_finding_id id, struct weir_chan_ *c,
                                const struct weir_site *site, const void *pc);

// Takes the lock; a channel that was freed is a fatal misuse.
static inline void weir_chan_lock(struct weir_chan_ *c, const struct weir_site *site,
                                  const void *pc) {
  weir_lock_acquire(&c->lock);
  if (__builtin_expect(c->magic != WEIR_CHAN_LIVE, 0))
    weir_chan_misuse(WEIR_F_FREE_OF_CHANNEL_IN_USE, c, site, pc);
}

// Enters the API, and announces what the call is going to do. Before the lock is taken: a report
// may be made there. A send on a channel that is closed is fatal or said by the select.
void weir_chan_announce(struct weir_chan_ *c, enum weir_use use, const void *pc);
static inline void weir_chan_enter(struct weir_chan_ *c, enum weir_use use, const void *pc) {
  WEIR_HB_IF weir_chan_announce(c, use, pc);
}

// For the prediction of deadlocks: what a send or receive waits for, if it cannot go on at once,
// and what it does for others. wants: it may have to wait.
void weir_chan_ends(struct weir_chan_ *c, const struct weir_call *call, bool send, bool wants);
static inline void weir_chan_tell(struct weir_chan_ *c, const struct weir_call *call, bool send,
                                  bool wants) {
  if (__builtin_expect(weir_lock_order_on, 0)) weir_chan_ends(c, call, send, wants);
}

// The site that names the channel: where it was made, unless that gives no name.
static inline const struct weir_site *weir_chan_named(const struct weir_chan_ *c,
                                                      const struct weir_site *use) {
  return c->site && c->site->name && c->site->name[0] ? c->site : use;
}

// Under the lock, both: do it if it can be done at once. If done, *wake is the goroutine
// to ready after unlocking, or NULL. try_send must not be called on a closed channel;
// try_recv sets *ok to false and zeroes dst at the end of a closed one.
bool weir_chan_send_now(struct weir_chan_ *c, const void *value, uint64_t goid,
                        struct weir_g **wake);
bool weir_chan_recv_now(struct weir_chan_ *c, void *dst, bool *ok, uint64_t goid,
                        struct weir_g **wake);

// Sends on behalf of whoever set `sender` (a timer's owner); takes the clock, never blocks
// and drops the value when there is no room. Any thread, no goroutine needed. Under the lock;
// returns the goroutine to ready after unlocking, or NULL.
struct weir_g *weir_chan_post(struct weir_chan_ *c, const void *value, struct weir_clock *sender);
// Under the lock: forgets what is buffered. True if there was something.
bool weir_chan_drain(struct weir_chan_ *c);
// weir_send and weir_chan_free for a call of the runtime's own, made at pc in the program.
void weir_chan_send_at(struct weir_chan_ *c, const void *value, const struct weir_call *call);
void weir_chan_free_at(struct weir_chan_ *c, const struct weir_site *site, const void *pc);
// Closes, on behalf of whoever set `closer` if given. Not for channels that may be closed.
void weir_chan_shut(struct weir_chan_ *c, const void *pc, uint64_t goid, struct weir_clock *closer);
// Takes the channel out of use: no waiters; memory goes when the last pin does.
void weir_chan_retire(struct weir_chan_ *c, const void *pc, uint64_t goid);
void weir_chan_unpin(struct weir_chan_ *c); // under the lock, which it releases
// The value of a weir_after channel was received: nobody will need it (time.c).
void weir_after_received(struct weir_chan_ *c);

#endif
