// SPDX-License-Identifier: Apache-2.0
//
// Makes one finding record (docs/design/findings.md) and sends it. A detector says what it
// found, part by part, between begin and end; names of functions are not its business. In
// parallel the plain text for a machine without a reporter is made.
//
// One record at a time: begin takes the record's lock and blocks the thread's signals, end gives
// both back. In between, only what this header offers and reads of inspect.h: no allocation, no
// locks of the runtime. Never begin a record while one is open in the same thread.
//
// Order of the calls: begin; goroutines_open, goroutine..., goroutines_close; then cycle,
// access, location, other; end. Objects are collected on the way.
#ifndef WEIR_DETECT_EMIT_H
#define WEIR_DETECT_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hooks.h"
#include "base/object.h"
#include "sched/inspect.h"

enum { WEIR_STACK_MAX = 64 };

struct weir_record;

// `format` is the message: one sentence.
struct weir_record *weir_record_begin(enum weir_finding_id id, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The same with another certainty than the kind usually has.
struct weir_record *weir_record_begin_as(enum weir_finding_id id, const char *certainty,
                                         const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct weir_record *weir_record_begin_dump(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
// As begin, but NULL when a record is open: its end calls weir_race_flush (race.h).
struct weir_record *weir_record_try_begin_as(enum weir_finding_id id, const char *certainty,
                                             const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct weir_record *weir_record_try_begin(enum weir_finding_id id, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Sends it. True: the program shall end now (halt_on_error, and it is not suppressed).
bool weir_record_end(struct weir_record *r);
unsigned long weir_record_number(const struct weir_record *r); // its "seq", never 0
// Says that the record of that number was met `more` times again; dropped when a record is open.
void weir_record_seen(unsigned long number, unsigned long more);
void weir_record_abandon(struct weir_record *r); // of try_begin: there is nothing to say
// Renders it on fd instead of sending it. 0 or -1.
int weir_record_end_on(struct weir_record *r, int fd);

void weir_record_goroutines_open(struct weir_record *r);
void weir_record_goroutines_close(struct weir_record *r);

struct weir_record_hold { // a lock, and how it was taken
  int object;
  uintptr_t pc;
  const uintptr_t *stack; // innermost first, from pc on
  size_t frames;
};

struct weir_record_goroutine {
  const struct weir_g_view *view; // of one that exists; of one that is gone: id, name, creation
  bool finished;
  unsigned long count;    // that many are alike
  const uintptr_t *stack; // innermost first
  size_t frames;
  bool ancestry;     // with the creation of who created it, and so on up to main
  size_t stack_size; // of a stack that was used up, in bytes; else 0
  const char *call;  // of one that runs: the system call that its thread sleeps in, or NULL
  // What it did then, where the stack is of the past: the operation, on what, and what it held
  // (or NULL).
  const char *past;
  int past_object;
  const struct weir_record_hold *past_hold;
};
void weir_record_goroutine(struct weir_record *r, const struct weir_record_goroutine *g);
// The same with its present stack, read here.
void weir_record_present_goroutine(struct weir_record *r, const struct weir_g_view *view,
                                   unsigned long count);
// The same, followed by the goroutines that could wake it, as far as is known (stuck.c).
void weir_record_blocked_goroutine(struct weir_record *r, const struct weir_g_view *view,
                                   unsigned long count);

// Puts an object into the record (once) and returns its index, -1 when there are too many.
// `use` names it where the description does not.
int weir_record_object(struct weir_record *r, const struct weir_object_desc *d,
                       const struct weir_site *use);
// The same for one that can be described now: a goroutine waits for it, or it is the caller's.
int weir_record_object_at(struct weir_record *r, enum weir_object_kind kind, const void *object);
// The same for a lock of which only the address is known.
int weir_record_lock_at(struct weir_record *r, const void *lock);

struct weir_cycle_step {
  uint64_t goroutine;
  int object; // that it waits for
};
void weir_record_cycle(struct weir_record *r, const struct weir_cycle_step *steps, size_t n);

// What a goroutine waits for that only others could bring which can never run again themselves.
enum { WEIR_WAKERS_MAX = 8 };
struct weir_wait_for {
  uint64_t goroutine;
  int object;
  bool has; // they are to give it back; else they could get at it
  uint64_t by[WEIR_WAKERS_MAX];
  size_t n_by;
  bool more;
};
void weir_record_wait_for_open(struct weir_record *r);
void weir_record_wait_for(struct weir_record *r, const struct weir_wait_for *w);
void weir_record_wait_for_close(struct weir_record *r);

struct weir_access {
  uint64_t goroutine;
  const char *what; // of a call that may not come in any order (predict.h); else NULL
  bool write, atomic, thread;
  int size;
  uintptr_t address;
  int holds[WEIR_HELD_MAX]; // objects
  size_t n_holds;
  uintptr_t stack[WEIR_STACK_MAX];
  size_t frames;
};
void weir_record_accesses(struct weir_record *r, const struct weir_access *a, size_t n);

struct weir_location {
  const char *kind; // global, heap, stack, tls, fd, unknown
  uintptr_t address;
  size_t size;        // 0: not known
  uint64_t goroutine; // heap, fd: who made it; stack: whose; 0: not known
  int fd;             // of kind fd: the descriptor
  uintptr_t frame_pc; // stack: in the function whose local variable it is; 0: not known
  intptr_t frame_at;  // and where, from its frame pointer
  const uintptr_t *stack;
  size_t frames;
};
void weir_record_location(struct weir_record *r, const struct weir_location *l);

struct weir_order_path;
void weir_record_orders(struct weir_record *r, const struct weir_order_path *paths, size_t n);

// Which goroutines it is about, where one stands for others that are alike.
struct weir_group;
void weir_record_group_ids(struct weir_record *r, const struct weir_group *group);
// The signal, and the address that was used if it is about one.
void weir_record_crash(struct weir_record *r, const char *sig, bool has_address, uintptr_t address);
// Why it is only suspected: one clause.
void weir_record_doubt(struct weir_record *r, const char *doubt);
// How often it has waited in the same place since it was first looked at.
void weir_record_rounds(struct weir_record *r, uint32_t rounds);
// The other half: where it was done, innermost first; n may be 0.
void weir_record_other(struct weir_record *r, const char *what, uint64_t goid, const uintptr_t *pcs,
                       size_t n);

#endif
