// SPDX-License-Identifier: Apache-2.0
//
// The file that the flight recorder writes and `weir trace` reads. Not for programs.
//
// A header with tables (texts of operations, places in the source, loaded files), then chunks of
// equal size, which are reused, oldest first, when there are enough. A chunk belongs to one lane at
// a time (a worker, or all other threads together) and holds events of that lane in order. The
// recorder only stores into mapped memory, so the file is whole whenever the process dies: an event
// is valid if it carries the tag of its chunk, and a chunk's events end at the first that does not.
// Its tag is stored last.
//
// The file of the recorder alone has rings in the place of chunks: each of `ring_size` bytes, of
// which the first 32 are the recorder's and the rest events without a tag, round and round. Whose
// an event is stands in it; `who` is 0 where there is none.
//
// All numbers are of the machine that wrote them. A reader trusts none of them.
#ifndef WEIR_TRACE_FORMAT_H
#define WEIR_TRACE_FORMAT_H

#include <stdint.h>

#define WEIR_TRACE_MAGIC "WEIRTRCE"
enum { WEIR_TRACE_VERSION = 2, WEIR_TRACE_BYTE_ORDER = 0x01020304 };
enum { WEIR_TRACE_CHUNK_BYTES = 65536, WEIR_TRACE_RING_HEAD = 32 };

struct weir_trace_clock { // what the recorder's clock showed, and the monotonic one
  uint64_t turn;          // 0: not set; the larger, the later
  uint64_t ticks;
  int64_t ns;
};

struct weir_trace_site { // offsets into the strings
  uint32_t name, func, file, line;
};

enum { WEIR_TRACE_FRAMES = 24 };
struct weir_trace_stack { // return addresses, innermost first, the runtime's own among them; 0: end
  uint64_t pcs[WEIR_TRACE_FRAMES];
};

struct weir_trace_header {
  char magic[8];
  uint32_t version, byte_order;
  uint32_t chunks_at, chunk_size, event_size, pid;
  uint32_t texts_at, texts_size;     // 0-terminated: of synchronisations, then of waits
  uint32_t sync_ops, wait_ops;       // how many of each
  uint32_t sites_at, sites_max;      // struct weir_trace_site; number 0 is "not known"
  uint32_t strings_at, strings_size; // 0-terminated
  uint32_t modules_at, modules_size; // lines "BASE BUILD-ID PATH", 0-terminated
  uint32_t sites;                    // in use, number 0 among them; release
  uint32_t chunks, chunks_max;       // in use; release
  uint32_t ended;                    // 1: the program has come to its end
  uint64_t dropped;                  // events for which there was no chunk
  int64_t wall_ns;                   // since 1970, at clock[0]
  struct weir_trace_clock clock[3];  // when it began; then the newest two, by turns
  char program[256];
  uint64_t ring_size;             // 0: chunks
  uint32_t stacks_at, stacks_max; // struct weir_trace_stack; number 0 is none
};

struct weir_trace_chunk {
  uint64_t seq; // from 1, grows with each chunk that is taken; 0: never used
  uint32_t lane;
  uint32_t tag;
  uint64_t reserved[6];
};

struct weir_trace_event {
  uint64_t ticks;
  uint64_t who;   // goroutine id, operation << 40, tag << 48
  uint64_t what;  // address of the object, number of the site << 48
  uint64_t where; // return address of the call, or partner's id; argument << 48
};

enum {
  WEIR_TRACE_OP_SHIFT = 40,
  WEIR_TRACE_HIGH_SHIFT = 48,
  WEIR_TRACE_CHUNK_EVENTS = (WEIR_TRACE_CHUNK_BYTES - (int)sizeof(struct weir_trace_chunk)) /
                            (int)sizeof(struct weir_trace_event),
};
#define WEIR_TRACE_LOW(word) ((word) & ((UINT64_C(1) << 48) - 1))
#define WEIR_TRACE_WHO(word) ((word) & ((UINT64_C(1) << 40) - 1))

// The lane of threads that are no workers; worker i has lane i + 1.
enum { WEIR_TRACE_LANE_OTHERS = 0 };

enum weir_trace_op {
  WEIR_TRACE_NONE,
  WEIR_TRACE_GO,    // started goroutine `where`; what: return address of the call
  WEIR_TRACE_START, // begins; where: who started it; what: its site
  WEIR_TRACE_END,
  WEIR_TRACE_NAME,  // is called what | where, the first 16 bytes of it
  WEIR_TRACE_NAME2, // the next 16
  WEIR_TRACE_BLOCK, // begins to wait in operation `argument`
  WEIR_TRACE_WAKE,  // its wait is over; where: who ended it, itself if it gave up, 0: nobody known
  WEIR_TRACE_RUN,   // runs on this lane from here on; goroutine 0: nobody does
  WEIR_TRACE_STACK, // what: number of the stack in which the BLOCK, or the WAKE, comes next
  WEIR_TRACE_CALL = 32, // and more: has done synchronisation op - CALL
};

// The argument of a send or receive: its slot in the buffer, or
enum {
  WEIR_TRACE_HANDED = 0xffff, // no slot: met its partner, whose WAKE comes next
  WEIR_TRACE_CLOSED = 0xfffe, // received nothing, as the channel is closed
  WEIR_TRACE_SLOTS = 0xfff0,  // slots are numbered modulo this
};

#endif
