// SPDX-License-Identifier: Apache-2.0
//
// Who ended the use of a channel, by close or free, and on which way: the stacks of the latest ones
// (weir_hook_ended), for the misuse that comes of it.
#ifndef WEIR_DETECT_ENDED_H
#define WEIR_DETECT_ENDED_H

#include <stddef.h>
#include <stdint.h>

// The stack of the call that the goroutine made at pc; pcs has room for WEIR_ENDED_FRAMES. 0: it is
// not on record any more.
size_t weir_ended_stack(const void *channel, uint64_t goid, const void *pc, uintptr_t *pcs);

#endif
