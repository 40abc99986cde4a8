// SPDX-License-Identifier: Apache-2.0
//
// base/hooks.h: what the runtime tells, handed to the detectors, and how a program ends.
//
// Every detector runs between weir_tsan_ignore_begin and _end: it uses libraries that a race
// detector intercepts, and its own static memory is shared between goroutines under locks that
// a race detector does not see.
//
// Exit status: 3 if a report could not be written, else the flag exitcode with findings, else
// the program's own. The program's buffered output is flushed before it is cut short.
#include "base/hooks.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>
#include <weir/go.h>
#include <weir/post_mortem.h>

#include "base/flags.h"
#include "base/trace.h"
#include "detect/emit.h"
#include "detect/history.h"
#include "detect/hooks.h"
#include "detect/modules.h"
#include "detect/race.h"
#include "detect/sink.h"
#include "detect/suppress.h"
#include "hb/tsan.h"
#include "os/io.h"

enum { EXIT_FATAL = 2, EXIT_COULD_NOT_REPORT = 3, EXIT_RACE_RUNTIME = 66 };

// A linker takes from libweir.a only what is referred to: this brings in the constructor.
__attribute__((used)) static int (*const start)(int) = weir_set_procs;
// And this what a debugger looks for.
__attribute__((used)) static const void *const post_mortem = &weir_post_mortem_;

void weir_hook_start(void) {
  weir_modules_trace();
  weir_suppress_start();
  weir_leak_start();
  weir_lock_order_start();
  if (!weir_tsan_start()) return;
  weir_history_start();
  weir_race_start();
}

// 0: the program keeps its own.
static int status_at_exit(void) {
  if (weir_sink_failed()) return EXIT_COULD_NOT_REPORT;
  if (weir_sink_kept() > 0 && weir_flags.exitcode) return (int)weir_flags.exitcode;
  if (weir_race_others() > 0 && weir_flags.exitcode) return EXIT_RACE_RUNTIME;
  return 0;
}

static void finish(void) {
  weir_race_flush();
  weir_race_say_seen();
  weir_stuck_say_seen();
  weir_processors_say_seen();
  weir_try_say_seen();
  weir_sink_finish();
  weir_trace_end();
}

// Only one thread gets here; others that want to end the program as well wait for it.
static _Noreturn void end(bool flush) {
  static atomic_flag ending = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&ending))
    sleep(1);
  finish();
  if (flush) fflush(NULL);
  int status = status_at_exit();
  weir_io_exit(status ? status : EXIT_FATAL);
}

_Noreturn void weir_end_program(void) {
  end(true);
}
_Noreturn void weir_end_program_now(void) {
  end(false);
}

// Once, by whoever comes first to the end of the program.
static void look_at_the_end(bool main_gone) {
  static atomic_flag looked = ATOMIC_FLAG_INIT;
  if (!weir_inspect_self() || atomic_flag_test_and_set(&looked)) return;
  bool rest =
      !weir_flags.leak_at_exit || weir_settle((int64_t)weir_flags.atexit_settle_ms * 1000000);
  if (!rest) weir_rounds_look();
  weir_tsan_ignore_begin();
  if (weir_lock_suspects_look(true)) weir_end_program();
  if (weir_flags.leak_at_exit) {
    weir_leak_check_at_exit(main_gone);
    weir_leak_at_exit_check();
  }
  weir_tsan_ignore_end();
}

// The other goroutines may go on for a while, and may use what main has on its stack: all that
// comes after the return would lie on top of it.
void weir_hook_main_returns(void) {
  __builtin_unwind_init(); // what main has in registers
  look_at_the_end(false);
}

void weir_hook_exit(void) {
  __builtin_unwind_init();
  look_at_the_end(true);
  finish();
  int status = status_at_exit();
  if (!status) return;
  fflush(NULL);
  weir_io_exit(status);
}

void weir_hook_tick(int64_t now) {
  weir_tsan_ignore_begin();
  weir_modules_trace();
  weir_stuck_tick();
  weir_watchdog_tick();
  weir_processors_tick();
  weir_leak_tick();
  weir_knot_tick(now);
  if (weir_lock_suspects_look(false)) weir_end_program();
  weir_tsan_ignore_end();
}

void weir_hook_quiescent(void) {
  weir_tsan_ignore_begin();
  if (!weir_flags.deadlock && weir_lock_suspects_look(true)) weir_end_program();
  weir_deadlock_found();
  weir_tsan_ignore_end();
}

void weir_hook_undecided(int threads, int calls) {
  weir_tsan_ignore_begin();
  weir_deadlock_undecided(threads, calls);
  weir_tsan_ignore_end();
}

void weir_hook_quit_signal(void) {
  weir_tsan_ignore_begin();
  weir_dump_all(STDERR_FILENO);
  finish();
  weir_io_exit(EXIT_FATAL);
}

int weir_hook_dump(int fd) {
  weir_tsan_ignore_begin();
  int err = weir_dump_all(fd);
  weir_tsan_ignore_end();
  return err;
}

void weir_hook_blocked_on_lock(struct weir_g *g, const void *mutex) {
  weir_tsan_ignore_begin();
  bool end = weir_partial_deadlock_check(g, mutex);
  if (!end) weir_lock_suspect_readers(g, mutex);
  weir_tsan_ignore_end();
  if (end) weir_end_program();
}

void weir_hook_try_failed(struct weir_g *g, enum weir_object_kind kind, const void *object,
                          const void *pc, struct weir_g *blocker) {
  if (!weir_try_failed(g, kind, object, pc, blocker)) return;
  weir_tsan_ignore_begin();
  bool end = weir_try_look(g);
  weir_tsan_ignore_end();
  if (end) weir_end_program();
}

void weir_hook_by_chance(enum weir_finding_id id, const struct weir_object_desc *object,
                         const struct weir_site *use, const void *pc) {
  weir_tsan_ignore_begin();
  bool end = weir_chance_found(id, object, use, pc);
  weir_tsan_ignore_end();
  if (end) weir_end_program();
}

_Noreturn void weir_hook_misuse(enum weir_finding_id id, enum weir_object_kind kind,
                                const void *object, const struct weir_site *site, const void *pc,
                                const void *other_pc, uint64_t other_goid) {
  weir_tsan_ignore_begin();
  weir_misuse_found(id, kind, object, site, pc, other_pc, other_goid);
}

void weir_hook_crash(struct weir_g *g, const struct weir_crash *crash) {
  static atomic_flag crashing = ATOMIC_FLAG_INIT;
  if (!weir_flags.crash || atomic_flag_test_and_set(&crashing)) return;
  weir_tsan_ignore_begin();
  weir_crash_found(g, crash);
  finish();
}

_Noreturn void weir_hook_stack_overflow(struct weir_g *g, const uintptr_t *pcs, size_t n,
                                        size_t size) {
  weir_tsan_ignore_begin();
  weir_stack_overflow_found(g, pcs, n, size);
}
