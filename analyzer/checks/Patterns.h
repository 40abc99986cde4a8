// SPDX-License-Identifier: Apache-2.0
//
// Checks that look at the tree alone, without the ways through it: one file each.
#ifndef WEIR_ANALYZER_CHECKS_PATTERNS_H
#define WEIR_ANALYZER_CHECKS_PATTERNS_H

#include "core/Unit.h"

namespace weir {

void checkCalls(Unit &U, const FunctionInfo &Info);  // trylock-ignored, cond-wait-no-loop
void checkSpawns(Unit &U, const FunctionInfo &Info); // loop-variable-shared, wait-group-add-inside
void checkHandlers(Unit &U);                         // lock-in-signal-handler
void checkSpins(Unit &U, const FunctionInfo &Info);  // busy-loop, receive-ignores-close
void checkCopies(Unit &U, const FunctionInfo &Info); // sync-copy

// goroutine-blocked, channel-self-block, channel-deadlock, close-race
void checkProtocols(Unit &U);

} // namespace weir

#endif
