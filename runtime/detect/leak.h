// SPDX-License-Identifier: Apache-2.0
//
// Private to leak_*.c: the parts of the leak proof.
//
//   leak_check.c   the course of a check, and what becomes of its result
//   leak_look.c    one look, with everybody stopped or at a copy
//   leak_space.c   which block of which kind an address lies in, and whether it was reached
//   leak_heap.c    the blocks of the C heap (glibc); leak_heap_tsan.c: ThreadSanitizer's
//   leak_roots.c   where the program's own pointers begin
//   leak_copy.c    what a look at a copy of the process needs beside it
//   leak_mark.c    goroutines and what they wait for; from the roots to what can be reached
//   leak_scan.c    the addresses that memory holds
//   leak_bond.c    those who have to give back what others wait for
//   leak_report.c  the findings
//
// From weir_stop_world to weir_stop_resume all other threads are stopped, perhaps inside
// malloc: in between nothing here calls libc (not even memset, which a race detector intercepts:
// os/copy.h; tests/runtime/leak_calls.test) or takes a lock. All memory comes from one arena
// that is mapped before and unmapped after. One check at a time.
#ifndef WEIR_DETECT_LEAK_H
#define WEIR_DETECT_LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sched/inspect.h"

// --- the arena (leak_space.c) --------------------------------------------------------------------
bool weir_leak_arena_open(size_t size);
void weir_leak_arena_close(void);
void *weir_leak_take(size_t size);  // zeroed; NULL: used up
void *weir_leak_rest(size_t *size); // all that is left, to the end of the check

// --- the space of blocks (leak_space.c)
// ------------------------------------------------------------
enum weir_area_kind {
  WEIR_AREA_STACKS,    // of goroutines, one every `unit`
  WEIR_AREA_MAIN,      // main's stack
  WEIR_AREA_BLOCKS,    // of the runtime's allocator, of `unit` bytes
  WEIR_AREA_HEAP,      // of the C heap
  WEIR_AREA_TSAN_HEAP, // of ThreadSanitizer's heap, of `unit` bytes
  WEIR_AREA_KINDS,
};
enum { WEIR_GRAIN = 1024 }; // of the tables of a heap: 64 times 16 bytes, a bit for each

struct weir_area {
  uintptr_t low, high, unit;
  enum weir_area_kind kind;
  uint64_t *marks; // reached: a bit per block; not of a heap
  struct weir_grain *grains;
};
// Of a heap, WEIR_GRAIN bytes: what is asked of an address lies together.
struct weir_grain {
  uint64_t starts; // where a block in use begins: a bit for each 16 bytes
  uint64_t marks;  // reached, by the block's beginning
  uint32_t cover;  // the block that reaches over its beginning, in units of 16 bytes from the
                   // area's low end, counted from 1; 0: none
};
struct weir_block {
  enum weir_area_kind kind;
  uintptr_t low, high; // its memory; of a stack all of it
  long slot;           // stacks: the goroutine
  uint64_t *mark, bit; // not of stacks
};

struct weir_area *weir_space_add(uintptr_t low, uintptr_t high, uintptr_t unit,
                                 enum weir_area_kind kind); // NULL: no room
bool weir_space_open(size_t areas);
bool weir_space_seal(void); // all areas are there
bool weir_space_find(uintptr_t address, struct weir_block *out);
// Two steps ahead of find: fetches into the cache what says whether the block was reached. One
// step: false if it was, or there is none; else fetches the block itself.
void weir_space_prefetch(uintptr_t address);
bool weir_space_is_new(uintptr_t address);
// By bits 32 to 47 of an address, whether any area is near; by the upper half of these alone.
extern uint64_t weir_space_near[1024];
extern uint8_t weir_space_tops[256];
static inline bool weir_space_is_near(uintptr_t address) { // of 48 bits
  return weir_space_near[address >> 38] >> (address >> 32 & 63) & 1;
}
uintptr_t weir_space_lowest(void);
void weir_space_forget(void);                        // all marks
void weir_areas_sort(struct weir_area *a, size_t n); // by address

// --- the heap (leak_heap.c)
// --------------------------------------------------------------------------
void weir_heap_learn(void); // before anybody is stopped: it allocates
bool weir_heap_busy(void);  // somebody was stopped inside malloc
// Each heap becomes an area, or (if it makes no sense) a root. Not while it is busy.
void weir_heap_look(uintptr_t brk_low, uintptr_t brk_high);
// The memory that the looks have found to be the heap's and its allocator's.
size_t weir_heap_owned(struct weir_object_span *out, size_t max);

// --- the heap under ThreadSanitizer (leak_heap_tsan.c)
// ----------------------------------------------
struct weir_map_line;
struct weir_mem_region;
bool weir_tsan_heap_learn(void); // before anybody is stopped; false: not the layout we know
int weir_tsan_heap_look(const struct weir_map_line *line,
                        size_t n); // makes the areas; 0 or -ENOMEM
bool weir_tsan_block_in_use(uintptr_t block);
void weir_tsan_block_prefetch(uintptr_t address); // what that reads
enum weir_tsan_mapping {
  WEIR_TSAN_THE_PROGRAMS,
  WEIR_TSAN_BY_PAGE, // those pages that are the program's
  WEIR_TSAN_NOT_THE_PROGRAMS,
};
enum weir_tsan_mapping weir_tsan_mapping(const struct weir_map_line *m,
                                         const struct weir_map_line *before);
bool weir_tsan_page_is_the_programs(uintptr_t page);
uintptr_t weir_tsan_notes_on(uintptr_t page); // two pages of them
// Once the roots are known: what no look needs any more, and is most of the detector's memory, is
// left out of copies (os/snapshot.h). And of which mappings nothing is.
void weir_tsan_leave_out(bool leave);
bool weir_tsan_leaves_alone(const struct weir_map_line *m);

// --- roots (leak_roots.c)
// -----------------------------------------------------------------------------
struct weir_leak_caller {
  uintptr_t sp;    // of the frame of its call; all registers are saved above
  bool main_gone;  // main has returned: what it had lies below the caller's frame
  bool knots_only; // report no leaks that are not part of a partial deadlock
  int tid;         // of its thread; set by weir_leak_look_begin
};
enum weir_leak_doubt { // what could hide a pointer from us; bits
  WEIR_DOUBT_IO_URING = 1,
  WEIR_DOUBT_KERNEL = 2,
  WEIR_DOUBT_SLEEPER = 4, // a thread's registers are not known (os/stop.h)
};
void weir_roots_learn(void); // before anybody is stopped
// Reads what only the stopped process itself can tell: its mappings, and what the kernel keeps.
// 0 or -errno; -EAGAIN: not now.
int weir_roots_read(const struct weir_leak_caller *caller);
// Makes the areas and the lists of roots, here or in a copy of the process.
int weir_roots_find(bool read_heap); // not read_heap: all of the C heap is a root
unsigned weir_roots_doubts(void);
// Calls fn for each range of memory; `words` are single values.
// These may be unreadable in part (weir_maps_copy).
void weir_roots_each(void (*range)(uintptr_t low, uintptr_t high), void (*word)(uintptr_t value));
// The goroutines that threads were running, with the end of the stack in use, or had in their
// hands.
void weir_roots_each_thread(const struct weir_leak_caller *caller,
                            void (*running)(long slot, uintptr_t sp), void (*held)(long slot));

// The mappings as they were read, and the runtime's own.
struct weir_mapped {
  struct weir_map_line *line;
  size_t n_lines;
  bool *useless; // lines that no look needs; after find
  struct weir_mem_region *region;
  size_t n_regions;
};
extern struct weir_mapped weir_mapped;
const struct weir_map_line *weir_mapped_line(uintptr_t address); // NULL: in none
bool weir_mapped_may_hold_pointers(const struct weir_map_line *m);

// --- for a look at a copy (leak_copy.c)
// -----------------------------------------------------------------------------
// Before it is made: keeps what the program has in shared memory; -EFBIG if that is too much.
int weir_copy_keep_shared(void);
bool weir_copy_has_shared(void);
void weir_copy_each_shared(void (*fn)(uintptr_t low, uintptr_t high));
void weir_copy_forget(void);
// After weir_roots_find: leaves out of copies what a look at one does not need.
void weir_copy_leave_out(const struct weir_leak_caller *caller, bool leave);
// In it: 0, or -EXDEV if it has not all that there was.
int weir_copy_inherited(void);

// --- marking (leak_mark.c)
// ----------------------------------------------------------------------------
int weir_mark_goroutines(const struct weir_leak_caller *caller); // who runs, who waits for what
int weir_mark(bool bonds);                                       // 0 or -ENOMEM
bool weir_mark_any_left(void);                                   // somebody was not reached
bool weir_mark_left(size_t slot);
size_t weir_mark_each_left(void (*fn)(size_t slot)); // returns how many
// What others wait for and the one that is left over can get at: calls fn for each of these waits,
// perhaps more than once. False: the budget (words looked at) is used up, it may be more.
bool weir_mark_from(size_t slot, size_t *budget, void (*fn)(const void *object, size_t waiter));

// --- memory (leak_scan.c)
// ------------------------------------------------------------------------------
#define WEIR_ADDRESS_MASK (((uintptr_t)1 << 48) - 1)
void weir_scan_learn(void); // once the areas are there
void weir_scan(uintptr_t low, uintptr_t high);
void weir_mark_queue(uintptr_t address); // what it calls for each (leak_mark.c)

// --- bonds (leak_bond.c)
// ------------------------------------------------------------------------------
int weir_bonds_gather(size_t slots, bool (*waits)(size_t slot)); // 0 or -ENOMEM
void weir_bonds_reset(bool on);                                  // for a marking with them or not
bool weir_bond_holds(size_t slot);    // it waits for somebody who is not known to be alive
bool weir_bond_suffices(size_t slot); // and for nobody else
void weir_bonds_release(size_t holder, void (*let_go)(size_t waiter)); // it is alive
bool weir_bonds_any(void);
void weir_bonds_each(void (*fn)(size_t holder, size_t waiter, const void *object));

static inline bool weir_waits_for_ever(enum weir_wait_op op) {
  return op == WEIR_WAIT_CHAN_SEND_NIL || op == WEIR_WAIT_CHAN_RECV_NIL ||
         op == WEIR_WAIT_SELECT_EMPTY;
}
// Something outside of the program's memory wakes it, or we do not know what.
static inline bool weir_waits_outside(enum weir_wait_op op) {
  return op == WEIR_WAIT_NONE || op == WEIR_WAIT_SLEEP || op == WEIR_WAIT_IO ||
         op == WEIR_WAIT_BLOCKING || op == WEIR_WAIT_EXIT;
}

struct weir_knot_notes;
// --- one look (leak_look.c)
// -----------------------------------------------------------------------------
// 0, or -errno: -EAGAIN, somebody was stopped at a bad moment; -ETIMEDOUT, somebody did not stop;
// -EPERM, -EBUSY, -ENOMEM, -EFBIG. After 0 comes an end, of the same thread's. One at a time.
int weir_leak_look_begin(const struct weir_leak_caller *caller, bool read_heap,
                         struct weir_knot_notes *notes);
// Completes the notes. 0 or -errno: -EAGAIN if not `wait`: not yet; -ECHILD: the
// copy was of no use, and from now on none is made.
int weir_leak_look_end(bool wait, unsigned *doubts);

// --- the check, and the findings
// ------------------------------------------------------------------------
enum { WEIR_MARK_LEAKED = 1, WEIR_MARK_MAYBE_LEAKED = 2, WEIR_MARK_LEAK_REPORTED = 4 };
// On the monitor's thread: a check that reports no leaks but those that are part of a partial
// deadlock. False: the answer comes at one of the next ticks.
bool weir_leak_check_knots(void);
bool weir_leak_is_looking(void);
const char *weir_leak_doubt_text(unsigned doubts);
bool weir_leak_report(unsigned doubts); // what is marked and was not reported; true: to end now

#endif
