// SPDX-License-Identifier: Apache-2.0
//
// Stops all other threads of the process by a signal, and says where each of them is; or visits
// one, which then goes on. The handler
// is set and waits by raw system calls, so no sanitizer defers it; while the others are stopped
// the caller may use no libc but what is pure, and no lock that it did not take before. A
// system call that is not restarted (poll, nanosleep) returns EINTR to whoever was in it.
#ifndef WEIR_OS_STOP_H
#define WEIR_OS_STOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_ctx_regs; // os/context.h

enum { WEIR_STOP_SIGNAL = 61, WEIR_STOP_MAX = 4096 };

struct weir_stopped {
  int tid;
  bool in_handler; // on its stack for signal handlers: the stack it left is not known
  bool asleep;     // it blocks the signal and sleeps in a system call: of its registers only sp
                   // is known, and nothing keeps it from waking up
  uint64_t slept;  // how often, by then
  uintptr_t sp;    // of the code it was stopped in
  uintptr_t saved_low, saved_high; // where the kernel has put its registers, vectors included
  uintptr_t tls;                   // an address in its thread-local memory
};

// Stops all threads but the caller and `except` (0: none), or stops none and returns why not:
// -EPERM: one blocks the signal (and runs, or the caller wants no sleepers); -EBUSY: the program
// uses it; -ETIMEDOUT: one did not come within the limit; -EAGAIN: there are too many. The caller
// blocks all signals. One caller at a time.
int weir_stop_world(int except, bool sleepers, int64_t limit_ns);
bool weir_stop_undisturbed(void); // none of the sleepers has run since
void weir_stop_resume(void);

// Interrupts one thread and calls fn there, in a handler with all signals blocked: it may look at
// that thread's stack, and use no libc and no lock. 0 once fn has returned; else it was not called:
// as above, -ESRCH: there is no such thread, -ETIMEDOUT: it did not come, and will not any more.
int weir_stop_visit(int tid, void (*fn)(const struct weir_ctx_regs *at, void *arg), void *arg,
                    int64_t limit_ns);

// While they are stopped.
size_t weir_stopped_count(void);
const struct weir_stopped *weir_stopped_at(size_t i);

#endif
