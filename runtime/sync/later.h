// SPDX-License-Identifier: Apache-2.0
//
// A call that is bound now and made later, in a goroutine of its own, by whoever finds that its
// time has come: the end of a context, a timer. Counted: the maker has one reference, each
// goroutine that runs it another.
//
// Happens-before: weir_later_new, and what `from` carries -> the call.
#ifndef WEIR_SYNC_LATER_H
#define WEIR_SYNC_LATER_H

#include <weir/abi.h>

#include "sync/clock.h"

struct weir_later;

struct weir_later *weir_later_new(const void *block, const struct weir_site *site); // copies it
void weir_later_drop(struct weir_later *l);
// Starts the goroutine, which takes `from` (NULL is allowed). Any thread may call, with locks.
void weir_later_start(struct weir_later *l, struct weir_clock *from);

#endif
