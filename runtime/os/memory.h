// SPDX-License-Identifier: Apache-2.0
//
// Address space: private zeroed memory and guard pages. Nothing here allocates
// from the C heap. Sizes are multiples of the page size.
#ifndef WEIR_OS_MEMORY_H
#define WEIR_OS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { WEIR_PAGE = 4096 };

void *weir_mem_map(size_t size); // NULL when there is none; pages come on touch
void weir_mem_unmap(void *p, size_t size);
// Gives the memory back and keeps the addresses, which read as zero from now on.
void weir_mem_untouch(void *p, size_t size);
// Makes one page fault on access. Without a VMA of its own on Linux 6.13 and later
// (MADV_GUARD_INSTALL), by mprotect before that. False: limits are exhausted.
bool weir_mem_guard(void *page);
// The lowest page of a private mapping that has ever been touched (or is not swapped out): low +
// size when there is none. At most WEIR_TOUCHED_MAX is looked at; low where that is not enough.
enum { WEIR_TOUCHED_MAX = 1 << 20 };
char *weir_mem_touched(char *low, size_t size);
// Copies n bytes from an address of this process that may be unmapped; false then.
bool weir_mem_peek(void *dst, const void *src, size_t n);

#endif
