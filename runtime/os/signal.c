// SPDX-License-Identifier: Apache-2.0
//
// signal.h for x86-64, whose kernel wants a restorer from user space.
#define _GNU_SOURCE
#include "os/signal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "os/memory.h"

struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};
enum { KERNEL_SA_RESTORER = 0x04000000, SIGNAL_STACK = 256 * 1024 };

#if defined(__x86_64__)
void weir_signal_return(void);
__asm__(".text\n"
        ".hidden weir_signal_return\n"
        ".globl weir_signal_return\n"
        ".type weir_signal_return, @function\n"
        "weir_signal_return:\n"
        "  movl $15, %eax\n" // rt_sigreturn
        "  syscall\n"
        ".size weir_signal_return, .-weir_signal_return\n");
#endif

static bool set_if_default(int sig, void *handler, unsigned long flags) {
  struct kernel_sigaction old = {0};
  if (syscall(SYS_rt_sigaction, sig, NULL, &old, sizeof old.mask) != 0) return false;
  if (old.handler != SIG_DFL) return false;
  struct kernel_sigaction new = {.handler = (void (*)(int))handler,
                                 .flags = flags | SA_ONSTACK | KERNEL_SA_RESTORER,
                                 .restorer = weir_signal_return};
  return syscall(SYS_rt_sigaction, sig, &new, NULL, sizeof new.mask) == 0;
}

// Not those of a crash, nor what the C library keeps for itself.
static bool usable(int sig) {
  return sig > 0 && sig < _NSIG && sig != SIGKILL && sig != SIGSTOP && sig != SIGSEGV &&
         sig != SIGBUS && sig != SIGFPE && sig != SIGILL && sig != SIGABRT &&
         !(sig >= __SIGRTMIN && sig < SIGRTMIN);
}

int weir_signal_number(const char *name) {
  char *end;
  long number = strtol(name, &end, 10);
  if (end != name && !*end) return number < _NSIG && usable((int)number) ? (int)number : 0;
  if (strncmp(name, "SIG", 3) == 0) name += 3;
  for (int sig = 1; sig < _NSIG; sig++) {
    const char *is = sigabbrev_np(sig);
    if (is && strcmp(is, name) == 0) return usable(sig) ? sig : 0;
  }
  return 0;
}

bool weir_signal_program_handles(void) {
  for (int sig = 1; sig < _NSIG; sig++) {
    struct kernel_sigaction is = {0};
    if (sig >= __SIGRTMIN && sig < SIGRTMIN) continue; // the C library's own
    if (syscall(SYS_rt_sigaction, sig, NULL, &is, sizeof is.mask) != 0) continue;
    bool handled = is.handler != SIG_DFL && is.handler != SIG_IGN;
    if (handled && is.restorer != weir_signal_return) return true; // not one of ours
  }
  return false;
}

void weir_signal_if_default(int sig, void (*handler)(int sig)) {
  set_if_default(sig, (void *)handler, SA_RESTART);
}

int weir_signal_take(int sig, void (*handler)(int sig, siginfo_t *info, void *context)) {
  struct kernel_sigaction old = {0};
  if (syscall(SYS_rt_sigaction, sig, NULL, &old, sizeof old.mask) != 0) return -EBUSY;
  if (old.handler == (void (*)(int))(void *)handler) return 0;
  if (old.handler != SIG_DFL) return -EBUSY;
  struct kernel_sigaction new = {.handler = (void (*)(int))(void *)handler,
                                 .flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | KERNEL_SA_RESTORER,
                                 .restorer = weir_signal_return,
                                 .mask = UINT64_MAX};
  return syscall(SYS_rt_sigaction, sig, &new, NULL, sizeof new.mask) == 0 ? 0 : -EBUSY;
}

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
static void (*fault_handler)(const struct weir_fault *fault);

// From here on each of them ends the process.
static void let_all_end(void) {
  struct kernel_sigaction dies = {
      .handler = SIG_DFL, .flags = KERNEL_SA_RESTORER, .restorer = weir_signal_return};
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
    syscall(SYS_rt_sigaction, fatal[i], &dies, NULL, sizeof dies.mask);
}

// The first thread that faults is told of, and the process ends with it; another one that faults
// meanwhile waits for that. False: the first one again, in the middle of telling.
static bool is_first(void) {
  static _Atomic int first;
  int self = (int)syscall(SYS_gettid), nobody = 0;
  if (atomic_compare_exchange_strong(&first, &nobody, self)) return true;
  while (nobody != self)
    syscall(SYS_pause);
  return false;
}

static void on_fault(int sig, siginfo_t *info, void *context) {
  const ucontext_t *at = context;
  const greg_t *r = at->uc_mcontext.gregs;
  struct weir_fault fault = {.sig = sig,
                             .pc = (uintptr_t)r[REG_RIP],
                             .frame = (uintptr_t)r[REG_RBP],
                             .sp = (uintptr_t)r[REG_RSP],
                             .context = context};
  if (weir_fault_is_memory(&fault)) fault.address = (uintptr_t)info->si_addr;
  bool sent = info->si_code <= 0; // by kill or raise; what was not is tried again
  bool own = !sent || (sig == SIGABRT && info->si_pid == getpid());
  if (own && is_first()) fault_handler(&fault);
  let_all_end();
  if (sent) syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), sig, info);
}

void weir_signal_on_fault(void (*handler)(const struct weir_fault *fault)) {
  fault_handler = handler;
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
    set_if_default(fatal[i], (void *)on_fault, SA_SIGINFO);
}

void weir_signal_stack(void) {
  stack_t old = {0};
  if (syscall(SYS_sigaltstack, NULL, &old) != 0 || !(old.ss_flags & SS_DISABLE)) return;
  stack_t new = {.ss_sp = weir_mem_map(SIGNAL_STACK), .ss_size = SIGNAL_STACK};
  if (new.ss_sp) syscall(SYS_sigaltstack, &new, NULL);
}

void weir_signal_stack_drop(void) {
  stack_t old = {0}, none = {.ss_flags = SS_DISABLE};
  if (syscall(SYS_sigaltstack, &none, &old) != 0 || (old.ss_flags & SS_DISABLE)) return;
  if (old.ss_size == SIGNAL_STACK) weir_mem_unmap(old.ss_sp, old.ss_size);
}
