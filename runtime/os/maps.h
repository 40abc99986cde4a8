// SPDX-License-Identifier: Apache-2.0
//
// The memory of this process as the kernel sees it, and what the kernel keeps for it that may
// lead back into memory. By raw system calls, into memory of the caller's: usable while all other
// threads are stopped.
#ifndef WEIR_OS_MAPS_H
#define WEIR_OS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_map_line {
  uintptr_t low, high;
  bool readable, writable, shared;
  bool file;  // of a file, or of a device
  bool heap;  // the break: [heap]
  bool stack; // of the main thread: [stack]
  bool other; // of the kernel's: [vdso] and such
};

// Calls fn for each mapping, lowest first. `buf` is for reading. False: unreadable.
bool weir_maps_each(char *buf, size_t size, void (*fn)(const struct weir_map_line *line, void *arg),
                    void *arg);

// The same in a child: what it has of its parent's mappings; `wiped`, but without what was in it.
bool weir_maps_each_inherited(char *buf, size_t size,
                              void (*fn)(const struct weir_map_line *line, bool wiped, void *arg),
                              void *arg);

// Bytes of private memory that are in core; 0: not known.
size_t weir_maps_resident(void);

// Words that the kernel will give back to the program, and what can only be known to exist.
enum weir_kept {
  WEIR_KEPT_WORD,     // the data of an epoll entry, the value of a timer's signal
  WEIR_KEPT_IO_URING, // a ring: what it holds cannot be read
  WEIR_KEPT_UNKNOWN,  // the lists are unreadable
};
void weir_kept_each(char *buf, size_t size,
                    void (*fn)(enum weir_kept what, uint64_t word, void *arg), void *arg);

// The runs of pages in [low, high) that were ever touched, lowest first (where that is not known:
// all). Neighbours may come as two runs. Of a range that is not mapped there is none.
enum { WEIR_TOUCHED_RUNS = 512 };
struct weir_touched {
  uintptr_t at, end; // not asked for yet
  int fd;
  bool by_word;
  size_t n, next;
  struct {
    uintptr_t low, high;
  } run[WEIR_TOUCHED_RUNS];
};
void weir_touched_open(struct weir_touched *t, uintptr_t low, uintptr_t high);
bool weir_touched_next(struct weir_touched *t, uintptr_t *low, uintptr_t *high);
void weir_touched_close(struct weir_touched *t);

// Copies what can be read of [from, from + n); false: not all of it can.
bool weir_maps_copy(void *to, uintptr_t from, size_t n);

#endif
