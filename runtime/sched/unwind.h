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

// The same from registers; interrupted: where they were taken no call was made.
struct weir_ctx_regs;
bool weir_unwind_regs(unw_cursor_t *cursor, unw_context_t *at, const struct weir_ctx_regs *regs,
                      bool interrupted);
// The return addresses from there on, or from `from` on, if given.
size_t weir_unwind(unw_cursor_t *cursor, const void *from, uintptr_t *pcs, size_t max);

#endif
