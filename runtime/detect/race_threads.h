// SPDX-License-Identifier: Apache-2.0
//
// Whose access it was: from a number in ThreadSanitizer's report to the id in ours. Only inside
// __tsan_on_report.
#ifndef WEIR_DETECT_RACE_THREADS_H
#define WEIR_DETECT_RACE_THREADS_H

#include <stdbool.h>
#include <stdint.h>

// The id of a goroutine, or of an OS thread: one that never used Weir is given one here, with an
// entry in the history. 0: not known. *runs: whether it still did.
uint64_t weir_race_who(void *report, int n_threads, int tid, bool *runs);
// Whether weir_race_who has made the id up.
bool weir_race_is_thread(uint64_t id);

#endif
