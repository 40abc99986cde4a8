// SPDX-License-Identifier: Apache-2.0
//
// From events to what goroutines did: spans in which one ran, waited, or was ready to run; and
// arrows from what one did to what that let another do. Everything is told in the order in which it
// ended. Memory is for the goroutines that live at one moment.
//
// Events may be missing (their chunk was used again): then a span begins where its goroutine is met
// first. Who acts runs, whatever was said of it before.
#ifndef WEIR_TRACE_PLAY_H
#define WEIR_TRACE_PLAY_H

#include "trace/names.h"

enum weir_span_kind { WEIR_SPAN_READY, WEIR_SPAN_RUNS, WEIR_SPAN_WAITS };

struct weir_actor {
  uint64_t goid, parent; // 0: not known
  char name[33];         // "": none
  bool is_told;          // something of it lies in the part
  bool is_new;           // not told of yet: for who writes headers; they clear it
  enum weir_span_kind state;
  int64_t since;
  unsigned lane;       // it runs on
  unsigned wait;       // operation
  uint64_t object, pc; // of the wait
  uint64_t stack;      // of the wait, a number; 0: not known
  uint64_t created_at; // return address; 0: not known
  uint64_t waker;      // who made it ready; 0: not known
  uint64_t waker_pc;   // the last call of that one
  uint64_t waker_stack;
  unsigned waker_op;  // and what it was; 0: not known
  int64_t woken_from; // when
  uint64_t last_pc;   // its own last call
  unsigned last_op;   // WEIR_TRACE_CALL + synchronisation
  int64_t spent[3];   // ns, by kind of span
  uint64_t stack_now; // of what it does next; 0: not known
  struct weir_actor *next;
};

struct weir_span {
  enum weir_span_kind kind;
  int64_t from, to;
  bool open; // goes on when the trace ends
};

struct weir_arrow {
  uint64_t from_goid, to_goid;
  int64_t from, to;
  uint64_t number;
  const char *name; // "sent", "woke"
};

struct weir_part {  // what is told of a trace; zeros: all
  int64_t from, to; // ns since it began; spans are cut there
  uint64_t goid;    // of this goroutine alone, and then without arrows
};

struct weir_player {
  void (*span)(void *arg, struct weir_actor *who, const struct weir_span *span);
  void (*gone)(void *arg, const struct weir_actor *who); // has ended, or the trace has
  void (*event)(void *arg, struct weir_actor *who, const struct weir_trace_item *item);
  void (*arrow)(void *arg, const struct weir_arrow *arrow);
  bool (*progress)(void *arg, unsigned percent); // false: stop
  struct weir_part part;
  void *arg;
};

struct weir_played {
  int64_t end;    // of the last event, or when the program was last seen alive; or the part's
  int64_t length; // of what was told
  uint64_t events, goroutines, ignored;
  unsigned lanes;
};

// Plays all of it from where it is. Any function may be NULL.
struct weir_played weir_trace_play(struct weir_trace *t, struct weir_trace_names *names,
                                   const struct weir_player *p);

// A span of the waiting kind: "chan receive", and "jobs" or "".
const char *weir_actor_wait(const struct weir_trace *t, const struct weir_actor *who);

#endif
