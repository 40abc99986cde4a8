// SPDX-License-Identifier: Apache-2.0
//
// Who goroutines were: a race may be with one that has finished. Kept only while a race
// detector is on, for the newest 65,536 goroutines. OS threads that never use Weir get an id and an
// entry when they are first reported.
#ifndef WEIR_DETECT_HISTORY_H
#define WEIR_DETECT_HISTORY_H

#include <stdbool.h>

#include "sched/inspect.h"

void weir_history_start(void);
void weir_history_add(struct weir_g *g); // again when it has another name
// The name and creation of v are those of an OS thread; v->id is its id.
void weir_history_add_thread(const struct weir_g_view *v);
// Fills id, name, parent and creation; true if it still runs or waits (then all of *v is
// filled). Unknown ones get their id only.
bool weir_history_find(uint64_t goid, struct weir_g_view *v);

// The names that fibers carry in a race detector's report.
enum { WEIR_FIBER_NAME = 32 };
void weir_history_fiber_name(char *out, uint64_t goid);
uint64_t weir_history_parse(const char *fiber_name); // 0: not a goroutine's

#endif
