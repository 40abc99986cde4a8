// SPDX-License-Identifier: Apache-2.0
//
// What a detector may know of a synchronisation object: its kind, its name and
// its state, as plain data. sync/describe.c fills it in; nobody above sync sees the
// structs themselves.
#ifndef WEIR_BASE_OBJECT_H
#define WEIR_BASE_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/abi.h>

enum weir_object_kind {
  WEIR_OBJ_NONE,
  WEIR_OBJ_CHAN,
  WEIR_OBJ_MUTEX,
  WEIR_OBJ_WAIT_GROUP,
  WEIR_OBJ_TIMER, // sleep
  WEIR_OBJ_FD,
  WEIR_OBJ_RWMUTEX,
  WEIR_OBJ_ONCE,
  WEIR_OBJ_COND,
  WEIR_OBJ_SEM,
  WEIR_OBJ_FENCE,
  WEIR_OBJ_KINDS
};
extern const char *const weir_object_kind_texts[WEIR_OBJ_KINDS]; // "channel" ...; of NONE ""
static inline const char *weir_object_kind_text(enum weir_object_kind kind) {
  return kind < WEIR_OBJ_KINDS ? weir_object_kind_texts[kind] : "";
}

// A channel that is part of something else, which alone sends on it or closes it.
enum weir_chan_use {
  WEIR_CHAN_PLAIN,
  WEIR_CHAN_OF_TIMER, // of weir_after, too
  WEIR_CHAN_OF_TICKER,
  WEIR_CHAN_OF_CONTEXT,
  WEIR_CHAN_USES
};

struct weir_object_desc {
  enum weir_object_kind kind;
  const void *address;
  const struct weir_site *site; // creation (channel) or last use that names it; may be NULL
  uint64_t owner_goid;          // mutex, rwmutex (writing), once: who has it, 0 if nobody
  const void *owner_pc;         // where it took it
  size_t len, cap, elem_size;   // channel; wait group: len = counter; rwmutex: len = readers;
                                // semaphore: len taken of cap
  bool readers_unknown;         // rwmutex: who reads it cannot be told
  bool closed;
  uint64_t closed_by; // goid, 0 if open
  const void *closed_pc;
  uint64_t last_sender, last_receiver; // goids, 0 if none yet
  uint64_t missed_by;                  // condition variable: goid of the last signal, if nobody
  const void *missed_pc;               // waited then
  enum weir_chan_use use;              // channel
  bool timer_pending;                  // a timer will send on or close this channel
};

// What a lock is that only its address is known of (a race detector's, or one that was held):
// WEIR_OBJ_MUTEX, WEIR_OBJ_RWMUTEX or WEIR_OBJ_ONCE; NONE: the memory is gone.
enum weir_object_kind weir_object_lock_kind(const void *object);

// The number by which a detector knows a mutex or rwmutex again. It lies in the lock, so memory
// that was zeroed to be another one has none. 0: none yet. The caller holds the lock, and the
// detector sees to it that one at a time gives it a number.
enum { WEIR_LOCK_NUMBER_MAX = (1 << 24) - 1 };
uint32_t weir_object_lock_number(const void *lock);
// How a goroutine has a lock that stands in its list; false: it has not, or that cannot be told.
// sure: the memory is there.
// What is waited for on an object that no goroutine owns: it has a number of its own, too.
// (TURN: to read an rwmutex, for which one waits behind those who wait to write it.)
enum weir_end { WEIR_END_NONE, WEIR_END_RECV, WEIR_END_SEND, WEIR_END_WAIT, WEIR_END_TURN };
enum {
  WEIR_END_FREE = WEIR_LOCK_NUMBER_MAX, // is served by some who need no lock for it
  // In place of a number, with the low bits of a goroutine's id: of an unbuffered channel, that one
  // alone has served it with no need of a lock.
  WEIR_END_ALONE = 1 << 30,
};
uint32_t weir_object_end_number(const void *object, enum weir_end end);
void weir_object_end_set_number(void *object, enum weir_end end, uint32_t number);

struct weir_lock_look {
  enum weir_end end;          // not NONE: none of the below, but that
  enum weir_object_kind kind; // mutex, rwmutex, once
  const struct weir_site *site;
  uint32_t number;
  bool reading;
};
struct weir_g;
bool weir_object_lock_look(const void *lock, const struct weir_g *holder, bool sure,
                           struct weir_lock_look *out);
void weir_object_lock_set_number(void *lock, uint32_t number);

// For a look at all memory, with all other threads stopped. From hold, which comes before that, to
// release none of the runtime's blocks is allocated or freed.
void weir_object_hold(void);
void weir_object_release(void);
void weir_object_each_free(void (*fn)(const void *block, void *arg), void *arg); // held
// The parts of such a block through which the program can get at something: of a channel
// the elements that are in it, of anything else all of it. At most two.
struct weir_object_span {
  uintptr_t low, high;
};
size_t weir_object_spans(const void *block, size_t size, struct weir_object_span out[2]);

// Fills *d. The object must be one that a parked goroutine waits for (then it
// cannot be freed), or belong to the caller.
void weir_object_describe(enum weir_object_kind kind, const void *object,
                          struct weir_object_desc *d);

#endif
