// SPDX-License-Identifier: Apache-2.0
//
// Private to sched: libunwind, begun at the saved registers of a parked goroutine.
#ifndef WEIR_SCHED_UNWIND_H
#define WEIR_SCHED_UNWIND_H

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdbool.h>

// `sp`: its saved context. *at must live as long as the cursor is used.
bool weir_unwind_begin(unw_cursor_t *cursor, unw_context_t *at, const void *sp);

#endif
