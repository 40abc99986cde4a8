// SPDX-License-Identifier: Apache-2.0
//
// Private to runtime/trace. Events go to two places, each there if it is wanted: the chunks of a
// file (weir/trace_format.h), of all goroutines together; and rings in memory, in which each
// goroutine has its newest, however much others do. Both refer to the same tables, which lie where
// the file has them.
//
// record.c stores events and hands out chunks; tables.c and stacks.c keep what events refer to;
// start.c makes the memory and the file; last.c reads the rings.
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

// The stack's number, given when it is first met. 0: there is no room for more.
unsigned weir_trace_stack_number(const uintptr_t *pcs, size_t n);
size_t weir_trace_stacks_size(void); // bytes of all that there may be

const char *weir_trace_site_name(unsigned number); // "" of what is not known

// Which ring is a goroutine's follows from its id: with more than RINGS alive, two may share one.
// In a file only so many are there as were needed so far, and perhaps as the disk had room for.
enum { WEIR_TRACE_RINGS = 1 << 16 };
struct weir_trace_ring {
  _Atomic uint32_t next; // events ever stored; relaxed: it only hands out places
  uint32_t reserved[7];
  struct weir_trace_event event[WEIR_TRACE_LAST_EACH];
};
_Static_assert(offsetof(struct weir_trace_ring, event) == WEIR_TRACE_RING_HEAD, "the format");
extern struct weir_trace_ring *weir_trace_rings; // NULL: not wanted; set as weir_trace_memory
extern _Atomic uint32_t weir_trace_rings_ready;  // may be stored into; only grows; release

static inline struct weir_trace_ring *weir_trace_ring_of(uint64_t goid) {
  uint32_t ready = atomic_load_explicit(&weir_trace_rings_ready, memory_order_acquire);
  uint32_t i = goid % WEIR_TRACE_RINGS;
  return &weir_trace_rings[i < ready ? i : i % ready];
}

// Makes the chunk after the last ready to be stored into. 0 or -errno. Under the recorder's lock.
int weir_trace_more_chunks(uint32_t chunks);
void weir_trace_more_rings(uint32_t rings); // the same of rings, as far as there is room
void weir_trace_take_time(void);            // compares the clocks; under the recorder's lock

#endif
