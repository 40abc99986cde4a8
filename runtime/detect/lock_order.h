// SPDX-License-Identifier: Apache-2.0
//
// Private to lock_order*.c: the finding `lock-order`. Which nested acquisitions there were, and the
// search for those that can close a circle in another schedule of the same run.
//
// An *order* is: who held these locks took that one, at these places in the program. It is kept
// once for all goroutines that did so, with a *stamp* for each of the last few: when, as epoch and
// knowledge of hb/known.h. Orders can wait for each other in a circle if each wants a lock
// that the next one holds, and nothing forbids that they overlap: not one goroutine, no lock that
// two of them hold (a gate), no two readers, and no happened-before but that of locks.
//
// A lock is known by a number that lies in it, not by its address, so a lock that comes to lie
// where another was is another. Everything is bounded: the newest locks and orders are kept.
//
// Lock: weir_lo.lock guards all of it, a leaf but for the vectors' own; nothing is unwound or
// written with it held.
#ifndef WEIR_DETECT_LOCK_ORDER_H
#define WEIR_DETECT_LOCK_ORDER_H

#include "detect/emit.h"
#include "hb/known.h"
#include "os/lock.h"

enum {
  WEIR_LO_LOCKS = 1 << 14,
  WEIR_LO_ORDERS = 1 << 13,
  WEIR_LO_STAMPS = 4,
  WEIR_LO_FRAMES = 24,
  WEIR_LO_CHAIN = 6, // goroutines of a circle
};

enum { WEIR_LO_COMMON = 4, WEIR_LO_SERVERS = 8 };

struct weir_lo_lock { // at [number % WEIR_LO_LOCKS]
  uint32_t number;    // 0: none
  // Not a lock but the end of a channel, or a wait group: who serves it, and what all of those
  // have needed for it.
  enum weir_end end;
  uint32_t alone; // 0, or a WEIR_END_ALONE: who did so without need of any
  uint32_t n_common, common[WEIR_LO_COMMON];
  uint32_t n_servers;
  uint64_t server[WEIR_LO_SERVERS]; // knowers
  bool handed; // was given back by others than took it: who waits for it waits for nobody's end
  enum weir_object_kind kind;
  const void *address;
  const struct weir_site *site; // names it
  uint32_t first;               // of the orders that hold it, a weir_lo_ref
};

typedef uint32_t weir_lo_ref; // order * WEIR_HELD_MAX + place in its `held` + 1; 0: none

struct weir_lo_hold {
  uint32_t lock; // number
  bool reading;
  const void *pc;         // of the call that took it
  weir_lo_ref prev, next; // in the list of the lock
};

struct weir_lo_stamp {
  uint64_t knower; // 0: none
  uint64_t goid, epoch;
  int dimension;
  struct weir_known *known; // a share
  char name[32];
  uint64_t parent;
  uintptr_t creation[WEIR_CREATION_FRAMES];
};

struct weir_lo_order {
  uint64_t key; // 0: free
  uint32_t lock;
  bool reading;
  const void *pc;
  uint32_t n_held;
  struct weir_lo_hold held[WEIR_HELD_MAX];
  struct weir_lo_stamp stamp[WEIR_LO_STAMPS];
  uint32_t chain;       // next order of the same hash, counted from 1
  uint64_t harmless_in; // in no circle, whenever, in that version of the graph
  size_t frames;
  uintptr_t stack[WEIR_LO_FRAMES];
};

static inline uint32_t weir_lo_alone(uint64_t goid) {
  return WEIR_END_ALONE | (uint32_t)(goid % WEIR_END_ALONE);
}

extern struct weir_lo_state {
  struct weir_lock lock;
  struct weir_lo_lock *locks;
  struct weir_lo_order *orders;
  uint32_t *hash;      // [WEIR_LO_ORDERS] of orders counted from 1
  uint32_t last_lock;  // number given out last
  uint32_t next_order; // to be used, and thrown out if it is in use
  uint64_t version;    // of the graph: grows with each new order
  bool lists_stale;    // what goroutines hold is no longer sure; atomic
} weir_lo;

// What the calling goroutine does: an order in the making.
struct weir_lo_event {
  struct weir_g *g;
  void *lock;
  struct weir_lock_look look;
  const void *pc;
  const void *from; // of the call that the stack begins with
  unsigned n_held;
  struct weir_held held[WEIR_HELD_MAX];
  struct weir_lock_look held_look[WEIR_HELD_MAX];
};

// A circle, copied out: each takes `wants`, which the next has as `has`.
struct weir_lo_step {
  struct weir_lo_stamp who; // without its share
  struct weir_lo_lock wants, has;
  bool wants_reading, has_reading;
  const void *wants_pc, *has_pc;
  size_t frames;
  uintptr_t stack[WEIR_LO_FRAMES];
};
struct weir_lo_circle {
  size_t n;
  struct weir_lo_step step[WEIR_LO_CHAIN];
};

// --- lock_order_graph.c; under the lock
// -----------------------------------------------------------
bool weir_lo_ready(void);                              // there is memory
struct weir_lo_lock *weir_lo_lock_of(uint32_t number); // NULL: its record is gone
uint32_t weir_lo_number(void *lock, const struct weir_lock_look *look);
uint64_t weir_lo_key(struct weir_lo_event *e); // gives all of its locks numbers; never 0
struct weir_lo_order *weir_lo_find(uint64_t key);
struct weir_lo_order *weir_lo_add(uint64_t key, const struct weir_lo_event *e);
struct weir_lo_stamp *weir_lo_stamp(struct weir_lo_order *o, struct weir_knower *k,
                                    struct weir_g *g);

// --- lock_order.c: the whole of it; true: the program must end
bool weir_lo_meet(struct weir_knower *k, struct weir_lo_event *e);
// Fills in what it holds, of n locks; false: that is nothing, or the lock itself.
bool weir_lo_look_held(struct weir_lo_event *e, const struct weir_held *held, unsigned n);

// --- lock_order_turns.c: what the goroutine does for its turn on an rwmutex that it has taken with
// n others in hand; true: the program must end
bool weir_lo_turn(struct weir_knower *k, struct weir_g *g, void *lock, bool read, const void *pc,
                  const struct weir_held *held, unsigned n);

// --- lock_order_search.c; under the lock
// ----------------------------------------------------------- Whether the order closes a circle
// with others, at the moment of that stamp. Each circle once.
bool weir_lo_search(struct weir_lo_order *o, struct weir_lo_stamp *s, struct weir_lo_circle *out);

// --- lock_order_report.c; without the lock
// -----------------------------------------------------------
bool weir_lo_report(const struct weir_lo_circle *c); // true: the program must end

#endif
