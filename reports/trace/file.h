// SPDX-License-Identifier: Apache-2.0
//
// A trace file as a stream of events in the order of time. Reads chunk by chunk, so memory does not
// grow with the file (64 KiB for each lane), and trusts nothing in it: it may be cut short,
// damaged, still being written, or no trace at all. What cannot be used is left out and counted.
#ifndef WEIR_TRACE_FILE_H
#define WEIR_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/trace_format.h>

struct weir_trace;

// NULL, and *why (static text, or strerror's).
struct weir_trace *weir_trace_open(const char *path, const char **why);
void weir_trace_close(struct weir_trace *t);
bool weir_trace_has_ended(const char *path); // by itself, its header says; without reading on
void weir_trace_rewind(struct weir_trace *t);

struct weir_trace_item {
  int64_t ns;       // since the trace began; never less than that of the one before
  uint64_t goid;    // 0: no goroutine
  uint64_t what;    // address of the object; of GO: return address of the call
  uint64_t where;   // return address of the call, or the partner's id
  uint64_t text[2]; // of NAME and NAME2
  unsigned op, argument, site, lane;
};
bool weir_trace_next(struct weir_trace *t, struct weir_trace_item *item); // false: that was all
unsigned weir_trace_percent(const struct weir_trace *t);                  // read so far

struct weir_trace_facts {
  const char *program;
  uint32_t pid;
  bool ended;       // the program came to its end
  int64_t wall_ns;  // since 1970, when it began
  uint64_t dropped; // events that were never stored
  uint64_t lost;    // chunks that were used again
  uint64_t damaged; // chunks that could not be read
  uint64_t chunks;
  unsigned each;  // only the newest so many of each goroutine were kept; 0: a trace
  int64_t end_ns; // when the program was last seen alive; 0: not known
};
struct weir_trace_facts weir_trace_facts(const struct weir_trace *t);

// Texts are "" where there is none, and live as long as the trace. They are the program's, so they
// may hold anything.
const char *weir_trace_sync_text(const struct weir_trace *t, unsigned op);
const char *weir_trace_wait_text(const struct weir_trace *t, unsigned op);
struct weir_trace_place {
  const char *name, *func, *file;
  uint32_t line;
};
struct weir_trace_place weir_trace_place(const struct weir_trace *t, unsigned site);
// Return addresses, innermost first; their number, 0 where there is no such stack.
size_t weir_trace_stack(const struct weir_trace *t, uint64_t number,
                        uint64_t pcs[WEIR_TRACE_FRAMES]);
struct weir_trace_module {
  uint64_t base;
  const char *build_id, *path;
};
// That with the address in it, as far as can be told; false: none.
bool weir_trace_module(const struct weir_trace *t, uint64_t address, struct weir_trace_module *out);

#endif
