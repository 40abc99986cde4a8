// SPDX-License-Identifier: Apache-2.0
//
// What the happened-before side keeps for a goroutine that uses C11 fences (fence.c).
#ifndef WEIR_HB_FENCE_H
#define WEIR_HB_FENCE_H

struct weir_fences;

void weir_fences_free(struct weir_fences *f); // of a goroutine that has ended; NULL: none

#endif
