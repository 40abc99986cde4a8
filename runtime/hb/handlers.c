// SPDX-License-Identifier: Apache-2.0
//
// The program's signal handlers, in a checked program. A signal that comes from outside is handled
// by whichever thread the kernel picks, on whichever goroutine runs there: the `volatile
// sig_atomic_t` that a handler sets for main would be a race, between goroutines that the program
// never wrote. So what a handler reads and writes is not checked; what it synchronises (a sem_post,
// a write to a pipe, an atomic) counts.
//
// The linker leads the program's calls of sigaction and signal to the functions here (weir cc gives
// the
// --wrap options). Instead of the handler one of ours is set, which calls it. Handlers of faults
// are left alone: they run in the goroutine that made the fault, and may leave by a longjmp.
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/hooks.h"
#include "hb/tsan.h"

__attribute__((weak)) void __tsan_ignore_thread_begin(void);
__attribute__((weak)) void __tsan_ignore_thread_end(void);

int __real_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
    __attribute__((weak));
int __wrap_sigaction(int sig, const struct sigaction *act, struct sigaction *old);
void (*__wrap_signal(int sig, void (*handler)(int)))(int);

typedef void handler(int sig, siginfo_t *info, void *context);
static handler *_Atomic handlers[_NSIG]; // the program's

static void on_signal(int sig, siginfo_t *info, void *context) {
  handler *call = atomic_load_explicit(&handlers[sig], memory_order_acquire);
  if (!call) return;
  if (weir_hb_on) __tsan_ignore_thread_begin();
  call(sig, info, context); // one without SA_SIGINFO looks at its first argument alone
  if (weir_hb_on) __tsan_ignore_thread_end();
}

static bool is_fault(int sig) {
  return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP ||
         sig == SIGABRT || sig == SIGSYS;
}

static bool is_handler(void (*h)(int)) {
  return h != SIG_DFL && h != SIG_IGN && h != SIG_ERR;
}

int __wrap_sigaction(int sig, const struct sigaction *act, struct sigaction *old) {
  if (sig <= 0 || sig >= _NSIG || is_fault(sig)) return __real_sigaction(sig, act, old);
  handler *before = atomic_load_explicit(&handlers[sig], memory_order_acquire);
  struct sigaction ours;
  if (act) {
    ours = *act;
    if (is_handler(act->sa_handler)) {
      atomic_store_explicit(&handlers[sig], act->sa_sigaction, memory_order_release);
      ours.sa_sigaction = on_signal;
    }
  }
  int err = __real_sigaction(sig, act ? &ours : NULL, old);
  if (err == 0 && old && old->sa_sigaction == on_signal) old->sa_sigaction = before;
  return err;
}

void (*__wrap_signal(int sig, void (*h)(int)))(int) {
  struct sigaction new = {.sa_handler = h, .sa_flags = SA_RESTART}, old;
  return __wrap_sigaction(sig, &new, &old) == 0 ? old.sa_handler : SIG_ERR;
}
