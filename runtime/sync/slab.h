// SPDX-License-Identifier: Apache-2.0
//
// Memory for channels and clocks. Blocks of a size class come from pages that are never
// given back nor used for another class, so a stale pointer to a channel always points to
// something that was a channel: its lock word and its magic can be read safely, and a use
// after free is found unless the block is in use again. Blocks over WEIR_SLAB_MAX are
// mappings of their own and fault after they were freed.
//
// The first word of a block belongs to the slab while the block is free; all else keeps
// what it held. Any thread may call; the lock is a leaf.
#ifndef WEIR_SYNC_SLAB_H
#define WEIR_SYNC_SLAB_H

#include <stddef.h>

enum { WEIR_SLAB_MAX = 32768 };

void *weir_slab_alloc(size_t size);        // NULL: no memory; zeroed only when fresh
void weir_slab_free(void *p, size_t size); // the size it was asked for

// Between hold and release nothing is allocated or freed: for a look at all memory.
void weir_slab_hold(void);
void weir_slab_release(void);
void weir_slab_each_free(void (*fn)(const void *block, void *arg), void *arg); // held

#endif
