// SPDX-License-Identifier: Apache-2.0
//
// Private to runtime/trace. The recorder's memory is laid out as the file is, with a file behind it
// or not: a header, tables, chunks (weir/trace_format.h).
//
// record.c stores events and hands out chunks; tables.c keeps what events refer to; start.c makes
// the memory and the file; last.c looks for what single goroutines did.
#ifndef WEIR_TRACE_TRACE_H
#define WEIR_TRACE_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/trace.h"

extern struct weir_trace_header *weir_trace_memory; // set before weir_trace_on, for good

static inline struct weir_trace_chunk *weir_trace_chunk_at(uint32_t slot) {
  struct weir_trace_header *h = weir_trace_memory;
  return (struct weir_trace_chunk *)((char *)h + h->chunks_at + (size_t)slot * h->chunk_size);
}

// Bytes for the header and its tables; what stands in the header is where they are.
size_t weir_trace_tables_layout(struct weir_trace_header *h);
void weir_trace_tables_fill(struct weir_trace_header *h, const char *const *waits, size_t n);
// The site's number, given when it is first met. 0: none, or there is no room for more.
unsigned weir_trace_site(const struct weir_site *site);

const char *weir_trace_site_name(unsigned number); // "" of what is not known
bool weir_trace_is_open(uint32_t slot);            // some lane stores into it; a hint

// Makes the chunk after the last ready to be stored into. 0 or -errno. Under the recorder's lock.
int weir_trace_more_chunks(uint32_t chunks);
void weir_trace_take_time(void); // compares the clocks; under the recorder's lock

#endif
