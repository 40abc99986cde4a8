// SPDX-License-Identifier: Apache-2.0
//
// Signal handlers of the runtime. Set by the raw system call: a race detector would
// defer them until the thread next calls an intercepted function, which a parked one never does.
#ifndef WEIR_OS_SIGNAL_H
#define WEIR_OS_SIGNAL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

// Sets handler for sig unless the program has set one or ignores it.
void weir_signal_if_default(int sig, void (*handler)(int sig));

// The number of a signal that a program may use, of its name (USR2, SIGUSR2) or digits; 0: none.
int weir_signal_number(const char *name);

// Whether the program has a handler of its own for any signal.
bool weir_signal_program_handles(void);

// Sets a handler with all signals blocked while it runs, unless the program has set one: -EBUSY.
int weir_signal_take(int sig, void (*handler)(int sig, siginfo_t *info, void *context));

// What would end the program: a fault, or its own abort.
struct weir_fault {
  int sig;
  uintptr_t address; // of a memory fault
  uintptr_t pc, frame, sp;
  const void *context; // the ucontext_t: all registers
};
static inline bool weir_fault_is_memory(const struct weir_fault *fault) {
  return fault->sig == SIGSEGV || fault->sig == SIGBUS;
}
// Shows handler each of them, on the thread's signal stack, unless the program handles the signal
// itself. When handler returns, or makes a fault of its own, the signal does what it would have
// done without us.
void weir_signal_on_fault(void (*handler)(const struct weir_fault *fault));

// Gives the calling thread a stack for signal handlers if it has none: a goroutine that has
// used up its own has no room for one.
void weir_signal_stack(void);
void weir_signal_stack_drop(void); // of a thread that is about to end

#endif
