// SPDX-License-Identifier: Apache-2.0
#ifndef WEIR_TARGET_OBJECTS_H
#define WEIR_TARGET_OBJECTS_H

#include "target/goroutines.h"
#include "target/layout.h"

// The number of the object at `address` in `seen`, which it is added to if it is new. `kind` NULL:
// a lock, whose head tells. -1: none.
int weir_seen_object_at(const struct weir_layout *l, struct weir_seen *seen, const char *kind,
                        uint64_t address);

struct weir_seen_site weir_seen_site_at(const struct weir_layout *l, struct weir_seen *seen,
                                        uint64_t address);

#endif
