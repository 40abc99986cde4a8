// SPDX-License-Identifier: Apache-2.0
//
// Names in a trace: of places in the program (by the debug information of its files, which may be
// missing), and of objects (by the sites at which they were used so far).
#ifndef WEIR_TRACE_NAMES_H
#define WEIR_TRACE_NAMES_H

#include "model/memory.h"
#include "trace/file.h"

struct weir_trace_names;
struct weir_trace_names *weir_trace_names_new(const struct weir_trace *t);
void weir_trace_names_free(struct weir_trace_names *n);

struct weir_trace_spot { // texts are safe to print and live as long as the names
  uint64_t address;
  const char *function; // "prog+0x1234" where nothing better is known
  const char *path;     // "": unknown
  const char *at;       // "bank.c:12 in transfer", or the function
  int line;             // 0: unknown
  bool runtime;         // nothing in it is the program's
  bool block;           // a block, such as weir_go and weir_defer make
};
// Of a call that returns to `pc`; NULL for 0. Valid until names_free.
const struct weir_trace_spot *weir_trace_spot(struct weir_trace_names *n, uint64_t pc);

// The event's site names its object; kept as long as there is room.
void weir_trace_learn(struct weir_trace_names *n, const struct weir_trace_item *item);
// "jobs", or "" where it is not known; of a site's name, without what is no name.
const char *weir_trace_object_name(struct weir_trace_names *n, uint64_t object);
const char *weir_trace_site_name(struct weir_trace_names *n, unsigned site);

#endif
