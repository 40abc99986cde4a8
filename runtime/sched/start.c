// SPDX-License-Identifier: Apache-2.0
//
// Before main and after it: the constructor makes goroutine 1 of the main thread and reads
// the options; atexit lets the detectors look once more. Nothing of ours is started here:
// threads come with the first weir_go or the first wait.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/abi.h>
#include <weir/go.h>

#include "base/check.h"
#include "base/flags.h"
#include "base/hooks.h"
#include "base/trace.h"
#include "os/raise.h"
#include "sched/shake.h"
#include "sched/switch.h"

// Here, because all of the runtime needs it: so a linker takes this file, and with it the
// constructor, from the archive.
struct weir_sched weir_sched;

static int wanted_procs(void) {
  long n = weir_flags.procs, cpus = weir_cpu_count();
  if (cpus > WEIR_MAX_PROCS) cpus = WEIR_MAX_PROCS;
  if (n < 0 || n > WEIR_MAX_PROCS)
    weir_warn("option procs: %ld is not within 0 and %d; %ld are used, the number of CPUs", n,
              WEIR_MAX_PROCS, cpus);
  return (int)(n < 1 || n > WEIR_MAX_PROCS ? cpus : n);
}

static void check_stack_kb(void) {
  long kb = weir_flags.stack_kb;
  if (kb >= 16 && kb <= 65536) return;
  weir_flags.stack_kb = kb < 16 ? 16 : 65536;
  weir_warn("option stack_kb: %ld is not within 16 and 65536; %ld is used", kb,
            weir_flags.stack_kb);
}

static pid_t pid; // whose runtime this is

static void at_exit(void) {
  if (getpid() != pid) return;
  weir_hook_exit();
  weir_trace_end();
}

void __weir_main_returns(void) {
  if (getpid() == pid) weir_hook_main_returns();
}

// A forked child has this runtime's memory but none of its threads. It may exec, exit, and use
// what does not block; what would need a worker says so and ends it (weir_sched_start). If nothing
// had been started yet the child has a runtime of its own.
static void after_fork_in_child(void) {
  weir_trace_forget(); // the memory is the parent's, too
  struct weir_worker *worker = weir_sched.workers[0];
  if (atomic_load(&weir_sched.started)) {
    atomic_store(&weir_sched.forked, true);
    atomic_store(&weir_sched.started, false);
  } else if (!atomic_load(&weir_sched.forked)) { // a daemon's parent may be gone by now
    pid = getpid();
    weir_thread_forget_hidden();
    worker->tid = weir_thread_id();
  }
}

// Before the program's own constructors, which may use goroutines.
enum { FIRST_PRIORITY = 101 };
__attribute__((constructor(FIRST_PRIORITY))) static void before_main(void) {
  weir_flags_read();
  weir_raise_start();
  weir_shake_init();
  weir_trace_start(weir_wait_op_texts, WEIR_WAIT_OPS);
  weir_sched.procs = wanted_procs();
  check_stack_kb();
  atomic_store(&weir_sched.coarse_now, weir_clock_now());
  weir_threads_init();
  weir_hook_start();
  weir_asan_start();
  weir_switch_tells = weir_hb_fibers || weir_asan_on || weir_trace_switches;
  if (weir_hb_fibers) weir_thread_note_hidden();
  if (weir_thread_is_main()) {
    static struct weir_g_cold cold;
    struct weir_g *g = &weir_sched.main_g;
    g->cold = &cold;
    g->held = cold.held;
    g->id = 1;
    void *low;
    size_t size = weir_thread_stack(&low);
    weir_sched.main_low = low;
    g->stack_high = low ? (char *)low + size : NULL;
    strcpy(g->cold->name, "main");
    atomic_store(&g->state, WEIR_G_RUNNING);
    weir_worker_main(g);
    weir_asan_root_thread();
    atomic_store(&weir_sched.main_is_here, true);
    if (weir_hb_fibers) g->fiber = weir_hb_fiber_thread(g);
  }
  pid = getpid();
  atexit(at_exit);
  pthread_atfork(NULL, NULL, after_fork_in_child);
}
