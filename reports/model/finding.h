// SPDX-License-Identifier: Apache-2.0
//
// A finding as the renderers see it: the record of docs/design/findings.md with
// names already in it. It is made from one line of JSON, and everything it points
// to lives until weir_finding_free.
//
// All text is safe to print (control characters are escaped at load), except argv
// and cwd, which must stay exact to be quoted for a shell. Numbers that index
// (module, object) are checked at load: -1 where absent or out of range.
#ifndef WEIR_MODEL_FINDING_H
#define WEIR_MODEL_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/memory.h"

struct weir_symbolizer;

struct weir_frame {
  int module;           // -1: outside every module, see address
  uint64_t offset;      // return address in the module's own numbering
  uint64_t address;     // only when module is -1
  const char *function; // "" if unknown
  const char *file;     // "" if unknown
  int line, column;     // 0 if unknown
  int function_line;    // where its function begins; 0 if unknown, and but for accesses
  bool inlined;         // into the next frame
  bool hidden;          // compiler wrapper, runtime or libc start: not shown
  bool libc;            // not what the program is about, but shown
};

struct weir_stack {
  struct weir_frame *frames;
  size_t count;
};

struct weir_wait {
  const char *op;
  int object;
};

struct weir_hold {
  int object;
  struct weir_stack at;    // one frame, or none
  struct weir_stack stack; // from there on; none when it is not known
};

struct weir_ancestor { // how goroutine `id` came to be
  uint64_t id, parent; // 0: unknown
  struct weir_stack creation;
};

struct weir_goroutine {
  uint64_t id;
  const char *name, *state, *op;
  const char *syscall; // that its thread sleeps in, while it runs; ""
  const char *labels;  // "request=42, tenant=acme"; "" if it has none
  int64_t since_ns;    // -1: unknown
  uint64_t count;      // that many are alike
  uint64_t stack_size; // of a stack that was used up, in bytes; 0: not said
  bool thread;
  struct weir_wait *waits;
  size_t wait_count;
  struct weir_hold *holds;
  size_t hold_count;
  struct weir_stack stack;
  uint64_t parent; // 0: unknown
  struct weir_stack creation;
  struct weir_ancestor *ancestors; // who created the parent, and so on
  size_t ancestor_count;
};

struct weir_place { // a source position named by the program itself
  const char *func, *file;
  int line;
};

struct weir_object {
  const char *kind, *name;
  uint64_t address;
  struct weir_place site;
  uint64_t owner;   // goroutine ids; 0: none or unknown
  bool owner_ended; // without unlocking; the owner may be unknown then
  struct weir_stack owner_at;
  int64_t len;            // INT64_MIN: unknown; a wait group may be below zero
  int64_t cap, elem_size; // -1: unknown
  bool closed;
  uint64_t closed_by;
  struct weir_stack closed_at;
  uint64_t last_sender, last_receiver;
  uint64_t missed_by; // of a condition variable, the last signal, if nobody waited then
  struct weir_stack missed_at;
  const char *of; // a channel: what it is part of; "": nothing
};

struct weir_cycle_edge { // the goroutine waits for the object
  uint64_t goroutine;
  int object;
};

struct weir_wait_for { // the goroutine waits for the object, for goroutines that cannot run either
  uint64_t goroutine;
  int object;
  bool has;     // they are to give it back; else they could get at it
  uint64_t *by; // not empty
  size_t by_count;
  bool more; // and others
};

struct weir_access {
  uint64_t goroutine;
  const char *what; // a call on the first object: send, close ...; "": an access to memory
  bool write, atomic;
  uint64_t size, address;
  int *holds;
  size_t hold_count;
  struct weir_stack stack;
};

struct weir_location {
  const char *kind; // "" if the record has none
  const char *name;
  uint64_t address, size;
  uint64_t goroutine;
  int64_t fd; // of kind fd
  struct weir_stack stack;
  struct weir_place declared; // of a global, from the debug information
};

struct weir_other {
  uint64_t goroutine;
  const char *what; // "" if the record has none
  struct weir_stack at;
};

struct weir_sync {       // one side of a synchronisation
  const char *op, *name; // "sent on", "jobs" or ""
  struct weir_stack at;  // one frame, or none
};
struct weir_hop { // `from` published, `to` saw it
  uint64_t from, to;
  struct weir_sync released, acquired;
};
struct weir_order { // the last that goroutine `to` knows of goroutine `from`, and how
  uint64_t from, to;
  bool complete; // false: something older may be lost
  struct weir_hop *hops;
  size_t hop_count; // 0: nothing
};

enum weir_event_kind {
  WEIR_EVENT_GO,    // started `partner`
  WEIR_EVENT_START, // began; `partner` started it
  WEIR_EVENT_CALL,  // did `op`
  WEIR_EVENT_BLOCK, // began to wait in `op`
  WEIR_EVENT_WAKE,  // its wait is over; `partner` ended it
  WEIR_EVENT_END,
};
struct weir_event { // one of the last, oldest first
  uint64_t goroutine, partner;
  enum weir_event_kind kind;
  int64_t ns;            // from the moment of the record on: never above 0
  const char *op, *name; // or ""
  int object, from;      // from: the event of another goroutine that led to this one; -1: none
  struct weir_stack at;  // one frame, or none
};

struct weir_module_ref {
  const char *path, *build_id;
};

// A place in the source that a check of `weir analyze` names.
struct weir_source_place {
  const char *what;     // "locked here"; "" of the first, which is where the mistake is
  struct weir_stack at; // one frame
};

struct weir_crash {
  const char *signal; // "" if the record has none
  bool has_address;
  uint64_t address;
};

struct weir_finding {
  const char *id, *certainty, *message, *fingerprint, *time;
  int64_t pid, seq;
  const char *exe, *cwd, *trace;
  uint64_t rounds;   // of one that goes round and round: how often it was seen to; or 0
  const char *doubt; // why it is only suspected, or ""
  const char **argv, **reproduce_argv;
  size_t argc, reproduce_argc;
  const char *reproduce_options;

  struct weir_goroutine *goroutines;
  size_t goroutine_count;
  struct weir_object *objects;
  size_t object_count;
  struct weir_cycle_edge *cycle;
  size_t cycle_count;
  struct weir_wait_for *wait_for;
  size_t wait_for_count;
  struct weir_access *accesses;
  size_t access_count;
  struct weir_order *order; // of a race: earlier to later, then back
  size_t order_count;
  struct weir_event *events;
  size_t event_count;
  struct weir_module_ref *modules;
  size_t module_count;
  struct weir_location location;
  struct weir_other other;
  struct weir_crash crash;
  struct weir_source_place *places; // only of a check of the source
  size_t place_count;

  uint64_t seen;          // equal findings, this one included
  const char *suppressed; // the line that hid it in the run, "FILE:LINE"; "": none
  const char *baseline;   // "": not compared with one; "new" or "unchanged"
  json_t *record;         // symbolized, with its fingerprint
  struct weir_arena arena;
};

// Makes the finding from a parsed record: symbolizes it (in place; takes over the
// reference), reads it, computes the fingerprint where there is none. NULL if it is
// no weir.finding/1 (the reference is dropped all the same).
struct weir_finding *weir_finding_from_json(json_t *record, struct weir_symbolizer *symbolizer);
void weir_finding_free(struct weir_finding *f);

bool weir_finding_is_dump(const struct weir_finding *f);   // shown, never counted
bool weir_finding_is_static(const struct weir_finding *f); // of `weir analyze`: nothing has run

const struct weir_goroutine *weir_finding_goroutine(const struct weir_finding *f, uint64_t id);

// The innermost frame that is shown and has a source line (malloc and memcpy have none, or one in
// libc's sources), else the innermost one shown; NULL if there is none.
const struct weir_frame *weir_stack_top(const struct weir_stack *s);

// Over id, function names of user frames and object names; 16 hex digits.
void weir_finding_fingerprint(const struct weir_finding *f, char out[17]);

#endif
