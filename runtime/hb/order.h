// SPDX-License-Identifier: Apache-2.0
//
// Who knows of whom, and how: the synchronisations of each goroutine as a short log of
// events, linked where one saw what another had published. A race detector says that nothing orders
// two accesses; from the logs follows the last thing that did order their goroutines.
//
// An event is named by a reference: its log and its number in it, which only grows, so a reference
// never comes to mean another event. Each synchronisation address carries the reference of
// the last event that published there (a table, order_cells.c). An acquire notes that reference;
// a release that joins what others have published notes the one before. So a goroutine's vector
// clock is not kept but found, when it is asked for, by walking the events backwards
// (order_search.c): an event costs a few stores, whatever the number of goroutines.
//
// Bounded: a log keeps its newest events, first a few, then WEIR_ORDER_LARGE; the logs of finished
// goroutines are reused, those that finished first first. What is lost makes a search
// incomplete, which it says; it never makes an edge.
//
// A log is written by its goroutine alone and read by anybody: the count is stored with release
// after the event, and a reader that finds its event overwritten meanwhile takes it for lost.
#ifndef WEIR_HB_ORDER_H
#define WEIR_HB_ORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hooks.h"

typedef uint64_t weir_order_ref; // log << 40 | number of the event, from 1; 0: none

enum weir_order_kind {
  WEIR_ORDER_START,   // the first event of a goroutine; from: the event that started it
  WEIR_ORDER_RELEASE, // published, in place of what was there
  WEIR_ORDER_JOIN,    // published, beside what was there: from
  WEIR_ORDER_ACQUIRE, // saw what was published by the event `from`
};

struct weir_order_event {
  uintptr_t pc; // of the call in the program; of a START: the goroutine's id
  const struct weir_site *site;
  weir_order_ref from;
  uint8_t kind, op; // enum weir_order_kind, enum weir_sync_op
};

enum {
  WEIR_ORDER_SMALL = 16,
  WEIR_ORDER_LARGE = 128,
  WEIR_ORDER_SEQ_BITS = 40,
};

// What the goroutine is calling now: goes into the events it makes.
struct weir_order_call {
  uintptr_t pc;
  const struct weir_site *site;
  uint8_t op;
};

struct weir_order_log {
  uint64_t id;
  _Atomic uint64_t goid;                 // whose; kept after its end until the log is reused
  _Atomic uint64_t count;                // events ever written
  _Atomic uint64_t first;                // number of this goroutine's START
  struct weir_order_event *_Atomic ring; // small, later one of WEIR_ORDER_LARGE
  struct weir_order_call call;
  struct weir_order_log *next; // finished
  struct weir_order_event small[WEIR_ORDER_SMALL];
};

// A log for a goroutine that begins; NULL when there is no memory for one.
struct weir_order_log *weir_order_log_new(uint64_t goid, weir_order_ref from);
void weir_order_log_end(struct weir_order_log *l); // NULL is allowed
size_t weir_order_log_count(void);
struct weir_order_log *weir_order_log_at(size_t id);

static inline uint32_t weir_order_ring_size(const struct weir_order_log *l,
                                            const struct weir_order_event *ring) {
  return ring == l->small ? WEIR_ORDER_SMALL : WEIR_ORDER_LARGE;
}
static inline uint64_t weir_order_seq(weir_order_ref ref) {
  return ref & (((uint64_t)1 << WEIR_ORDER_SEQ_BITS) - 1);
}

// Writes an event and returns its reference.
weir_order_ref weir_order_note(struct weir_order_log *l, enum weir_order_kind kind,
                               weir_order_ref from);
void weir_order_saw(struct weir_order_log *l, weir_order_ref from); // 0: nothing
void weir_order_acquire(struct weir_order_log *l, const void *sync);
void weir_order_release(struct weir_order_log *l, const void *sync, bool join);
void weir_order_forget(const void *sync);

// --- order_cells.c: what each synchronisation address carries -----------------------------------
weir_order_ref weir_order_cell_get(const void *sync);
weir_order_ref weir_order_cell_set(const void *sync, weir_order_ref ref); // returns the one before
bool weir_order_cells_lossy(void); // a reference was dropped for want of room

// --- order_search.c -----------------------------------------------------------------------------
struct weir_order_hop { // `from` published at `released`, and `to` saw it at `acquired`
  uint64_t from, to;
  struct weir_order_call released, acquired;
};
enum { WEIR_ORDER_HOPS = 6 };
struct weir_order_path {
  uint64_t from, to;
  bool complete;                               // nothing that the answer depends on was lost
  size_t n_hops;                               // 0: `to` knows of nothing that `from` has done
  struct weir_order_hop hops[WEIR_ORDER_HOPS]; // the last hop is always `to`'s; gaps where too many
};
// The last event of goroutine `from` that goroutine `to` knows of, and the way it took. One call at
// a time (the caller's lock). False: there is no log of `to`.
bool weir_order_last(uint64_t from, uint64_t to, struct weir_order_path *path);

// The last call of kind `op` that published at `sync`, but for the one that log `self` has made
// just now: who made it and where. False: it is not on record.
bool weir_order_published(const void *sync, enum weir_sync_op op, const struct weir_order_log *self,
                          uint64_t *goid, struct weir_order_call *call);

#endif
