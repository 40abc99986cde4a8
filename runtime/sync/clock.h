// SPDX-License-Identifier: Apache-2.0
//
// Who carries which happens-before edge of a channel. Used only when weir_hb_edges.
//
// A *clock* is an address that a race detector hangs a clock on, and what its maker knew
// (hb/known.h); it can be handed from
// hand to hand, which is what makes the edges exact: a goroutine can announce edges only
// for itself, but the partner of a parked one moves the parked one's clock to where
// a third goroutine will look for it, without acquiring it. Clocks are always set by
// release_store, so nothing stale can leak from one use into the next.
//
// Sends into a slot and receives from it take turns, so a slot has one clock: what the last of them
// left for the next. To *exchange* is to leave one's own clock there and to acquire what was there,
// which is one call of the race detector's; what is left does not have in it what is acquired, so
// that two sends (or two receives) of the same slot are not ordered through it.
//
//   a goroutine that parks      start := its clock; after waking acquires `incoming`
//   unbuffered, active side     exchanges start, which is incoming then
//   buffered send or receive    exchanges slot[i]
//   send to a parked receiver,  exchanges slot[i], which is incoming then; slot[i] := the
//     receive from a full buffer  partner's start
//   close                       closed := own clock; acquired by whoever sees the end
//   a timer's send              slot[i] or incoming := clock set when the timer was made
//
// All of this happens under the channel's lock.
#ifndef WEIR_SYNC_CLOCK_H
#define WEIR_SYNC_CLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/hooks.h"

struct weir_clock;
struct weir_chan_;

// With each wait (a plain operation or a whole select).
struct weir_wait_clocks {
  struct weir_clock *start;    // ours, unless the partner moved it into a slot
  struct weir_clock *incoming; // from the partner; ours to free if the operation was done
};

struct weir_clock *weir_clock_new(void);    // set to the caller's clock; NULL: that says nothing
void weir_clock_free(struct weir_clock *k); // NULL is allowed
struct weir_clock *weir_clock_share(struct weir_clock *k); // to be freed once more; NULL is allowed
void weir_clock_set(struct weir_clock **k);                // to the caller's clock; made when NULL
void weir_clock_acquire(const struct weir_clock *k);       // NULL is allowed

void weir_clocks_park(struct weir_wait_clocks *wc);
void weir_clocks_wake(struct weir_wait_clocks *wc, bool done);
void weir_clocks_unbuffered(struct weir_wait_clocks *partner);
// A slot is NULL until it is first used.
void weir_clocks_exchange(struct weir_clock **slot);
void weir_clocks_meet(struct weir_clock **slot, struct weir_wait_clocks *partner);
// The same for a send on behalf of the goroutine that set *sender, which is taken.
void weir_clocks_post(struct weir_clock **slot, struct weir_clock *sender);
void weir_clocks_post_to(struct weir_clock **slot, struct weir_wait_clocks *receiver,
                         struct weir_clock *sender);

// An object that is the program's own memory, and that several may use first at once: clears what
// its address carries, exactly once. *edges is 0 before, WEIR_EDGES_BEGUN after; `lock`: sync has
// readers. The bits above the lowest two are left alone.
enum { WEIR_EDGES_BEGUN = 2 };
void weir_edges_begin(uint32_t *edges, const void *sync, bool lock);

#define WEIR_HB_IF if (__builtin_expect(weir_hb_on, 0)) // for a race detector alone
#define WEIR_EDGE_IF if (weir_hb_edges_on())

// With no race detector this is one predictable branch; otherwise the API frame is
// pushed, so that stacks in reports show who called.
static inline void weir_api_enter(const void *pc) {
  WEIR_HB(api_enter, pc);
}
static inline void weir_api_leave(void) {
  WEIR_HB(api_leave);
}

#endif
