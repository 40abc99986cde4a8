// SPDX-License-Identifier: Apache-2.0
//
// Private to detect: the detectors as hooks.c calls them, and how the program ends.
#ifndef WEIR_DETECT_HOOKS_H
#define WEIR_DETECT_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hooks.h"
#include "sched/inspect.h"

// Finishes the reports and ends the process, with status 2 where the flags keep the
// program's own, which it does not have.
_Noreturn void weir_end_program(void);

_Noreturn void weir_end_program_now(void); // the same from a signal handler: flushes no streams

void weir_crash_found(struct weir_g *g, const struct weir_crash *crash); // crash.c
_Noreturn void weir_stack_overflow_found(struct weir_g *g, const uintptr_t *pcs, size_t n,
                                         size_t size); // stack_overflow.c
void weir_deadlock_undecided(int threads, int calls);
void weir_deadlock_found(void); // deadlock.c; ends the program
bool weir_partial_deadlock_check(struct weir_g *g, const void *mutex); // partial_deadlock.c
bool weir_waits_for_lock(enum weir_wait_op op);                     // for one that a goroutine owns
bool weir_partial_deadlock_lock(const void *lock);                  // in a cycle that was reported
void weir_lock_suspect_readers(struct weir_g *g, const void *lock); // lock_suspects.c
void weir_lock_suspect_self(struct weir_g *g, const void *lock);    // which g holds itself
bool weir_lock_suspects_look(bool at_rest);   // every tick; true: the program must end
void weir_lock_order_start(void);             // lock_order.c
void weir_leak_at_exit_check(void);           // leak_at_exit.c, at rest
void weir_rounds_look(void);                  // rounds.c, when they do not come to rest
void weir_leak_check_at_exit(bool main_gone); // leak_check.c; main_gone: so may its frame be
void weir_knot_tick(int64_t now);             // knot_tick.c, every tick
void weir_leak_start(void);                   // options read
void weir_leak_tick(void);                    // every tick
long weir_leak_check_now(void);               // on the monitor thread; negative: could not
bool weir_leak_reported(struct weir_g *g);    // leak_report.c
const char *weir_leak_no_copy(void);          // leak_look.c; why no copy is made, NULL: one is
void weir_stuck_tick(void);                   // stuck.c, every tick
void weir_processors_tick(void);              // processors.c, every tick
void weir_processors_say_seen(void);          // at the end
bool weir_try_failed(struct weir_g *g, enum weir_object_kind kind, const void *object,
                     const void *pc, struct weir_g *blocker); // livelock.c; true: look
bool weir_try_look(struct weir_g *g);                         // true: the program must end
void weir_try_say_seen(void);                                 // at the end
void weir_watchdog_tick(void);                                // watchdog.c, every tick
void weir_stuck_say_seen(void); // at the end: how many more were like those reported
_Noreturn void weir_misuse_found(enum weir_finding_id id, enum weir_object_kind kind,
                                 const void *object, const struct weir_site *site, const void *pc,
                                 const void *other_pc, uint64_t other_goid); // misuse.c
bool weir_chance_found(enum weir_finding_id id, const struct weir_object_desc *object,
                       const struct weir_site *use, const void *pc); // the same; true: end
int weir_dump_all(int fd);                                           // dump.c

#endif
