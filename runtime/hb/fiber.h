// SPDX-License-Identifier: Apache-2.0
//
// A fiber: what the happened-before side keeps of each goroutine and of each thread that the
// runtime knows. ThreadSanitizer's fiber, and the log of its synchronisations (order.h).
#ifndef WEIR_HB_FIBER_H
#define WEIR_HB_FIBER_H

#include "hb/order.h"

// For a goroutine that the running one starts at go_pc; goid 0: a fiber without a log, for a loop.
// Only with the bridge on, as all here.
void *weir_fiber_new(const char *name, uint64_t goid, const void *go_pc);
// For the calling thread, which is running already; goid 0: without a name and a log.
void *weir_fiber_of_thread(const char *name, uint64_t goid);

// The running fiber's log, or NULL.
struct weir_order_log *weir_fiber_log(void);

// Where the running fiber keeps what fence.c needs; NULL: a thread that the runtime does not know.
struct weir_fences;
struct weir_fences **weir_fiber_fences(void);

#endif
