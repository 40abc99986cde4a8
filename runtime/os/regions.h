// SPDX-License-Identifier: Apache-2.0
//
// Private to memory.c: the list of what it has mapped. The rest of it is in memory.h.
#ifndef WEIR_OS_REGIONS_H
#define WEIR_OS_REGIONS_H

#include "os/memory.h"

void weir_region_add(const struct weir_mem_region *region);
void weir_region_remove(uintptr_t low); // of one that was added

#endif
