// SPDX-License-Identifier: Apache-2.0
//
// Address space: private zeroed memory and guard pages. Nothing here allocates
// from the C heap. Sizes are multiples of the page size. A list says what is mapped (regions.c).
#ifndef WEIR_OS_MEMORY_H
#define WEIR_OS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { WEIR_PAGE = 4096 };

void *weir_mem_map(size_t size); // NULL when there is none; pages come on touch
void weir_mem_unmap(void *p, size_t size);

// What a mapping is for, as far as it matters to who looks through all memory of the process.
enum weir_mem_use {
  WEIR_MEM_OWN,    // the runtime's; weir_mem_map
  WEIR_MEM_STACKS, // goroutines' stacks, one every `unit` bytes
  WEIR_MEM_BLOCKS, // blocks of `unit` bytes of the runtime's allocator (channels, contexts)
  WEIR_MEM_UNREAD, // the runtime's, and such a look has no use for it; weir_mem_map_unread
};
struct weir_mem_region {
  uintptr_t low, high, unit;
  enum weir_mem_use use;
};
void *weir_mem_map_for(size_t size, enum weir_mem_use use, size_t unit);
void *weir_mem_map_unread(size_t size); // no mapping touches it, so that it is one by itself
void *weir_mem_map_shared(size_t size); // the runtime's, and the same memory in a child
// Every mapping made here and not unmapped, in no order. Between hold and release none comes or
// goes; the lock behind it is a leaf. Returns how many there are, which may exceed max; SIZE_MAX
// when the list was given up for want of memory.
void weir_mem_hold(void);
void weir_mem_release(void);
size_t weir_mem_regions(struct weir_mem_region *out, size_t max);

// Random access to so much of it is what it is for. By a raw call.
void weir_mem_prefer_huge(void *p, size_t size);
// Gives the memory back and keeps the addresses, which read as zero from now on.
void weir_mem_untouch(void *p, size_t size);
// Makes one page fault on access. Without a VMA of its own on Linux 6.13 and later
// (MADV_GUARD_INSTALL), by mprotect before that. False: limits are exhausted.
bool weir_mem_guard(void *page);
// For each page of private mappings without a hole between them, whether it has ever been touched
// (or is not swapped out): the lowest bit of its byte. False: that cannot be told.
bool weir_mem_resident(char *low, size_t size, unsigned char *pages);
// Copies n bytes from an address of this process that may be unmapped; false then.
bool weir_mem_peek(void *dst, const void *src, size_t n);

#endif
