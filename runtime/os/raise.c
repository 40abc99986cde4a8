// SPDX-License-Identifier: Apache-2.0
//
// raise for goroutines, in place of the C library's. The threads that the runtime makes block the
// program's signals, so that those to the process go to the program's own threads (thread.c). What
// raise sends to such a thread would wait there for ever, though C says that its handler has run
// when raise returns, and a signal without a handler would not end the program. So there the
// signal is let in for as long as the call takes.
//
// What the program blocks stays blocked, and for that the calls that set masks are noted here: a
// signal that it blocks on this thread waits there; one that it blocks on the main thread goes to
// the process, where any sigwait finds it. The mask itself does not tell: a thread of ours blocks
// all, and the main thread, in a handler or in sigwait, another than it asked for. Any other
// thread's raise is the C library's. All of it is async-signal-safe.
#include "os/raise.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/abi.h>

#include "os/rawcall.h"
#include "os/thread.h"

enum { SIGSET_BYTES = 8 };

static _Atomic uint64_t main_blocks; // relaxed: a signal may come at any time anyhow
// What the program blocks on a thread of ours.
static _Thread_local uint64_t asked __attribute__((tls_model("initial-exec")));

static uint64_t bit_of(int sig) {
  return sig > 0 && sig <= 64 ? 1ull << (sig - 1) : 0;
}
static int tid(void) {
  return (int)weir_raw(SYS_gettid);
}
static bool is_ours(void) {
  return weir_thread_base(tid()) != NULL;
}

static uint64_t mask_now(void) {
  uint64_t mask = 0;
  weir_raw(SYS_rt_sigprocmask, SIG_BLOCK, 0, &mask, SIGSET_BYTES);
  return mask;
}

void weir_raise_start(void) {
  if (weir_thread_is_main()) atomic_store_explicit(&main_blocks, mask_now(), memory_order_relaxed);
}

// --- masks ---------------------------------------------------------------------------------------

// A race detector and an address checker know of both calls; what they do with them stays.
__attribute__((weak)) int ___interceptor_pthread_sigmask(int how, const sigset_t *set,
                                                         sigset_t *old);

static uint64_t changed(uint64_t mask, int how, uint64_t set) {
  return how == SIG_BLOCK ? mask | set : how == SIG_UNBLOCK ? mask & ~set : set;
}

// Who sets a mask that it was given before, which on a thread of ours blocks all, asks for nothing.
static void note(int how, uint64_t set) {
  if (is_ours()) {
    bool restored = how == SIG_SETMASK && !(weir_thread_mask() & ~set);
    asked = restored ? 0 : changed(asked, how, set);
  } else if (weir_thread_is_main()) {
    uint64_t mask = atomic_load_explicit(&main_blocks, memory_order_relaxed);
    atomic_store_explicit(&main_blocks, changed(mask, how, set), memory_order_relaxed);
  }
}

// 0 or the error. The C library's own two signals are not the program's to block.
static int set_mask(int how, const sigset_t *set, sigset_t *old) {
  uint64_t mask = 0;
  if (___interceptor_pthread_sigmask) return ___interceptor_pthread_sigmask(how, set, old);
  if (set) mask = *(const uint64_t *)set;
  for (int sig = __SIGRTMIN; sig < SIGRTMIN && how != SIG_UNBLOCK; sig++)
    mask &= ~bit_of(sig);
  return (int)-weir_raw(SYS_rt_sigprocmask, how, set ? &mask : NULL, old, SIGSET_BYTES);
}

WEIR_API int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
  uint64_t wanted = set ? *(const uint64_t *)set : 0; // old may be the same memory
  int err = set_mask(how, set, old);
  if (!err && set) note(how, wanted);
  return err;
}

WEIR_API int sigprocmask(int how, const sigset_t *set, sigset_t *old) {
  int err = pthread_sigmask(how, set, old);
  if (err) weir_errno_set(err);
  return err ? -1 : 0;
}

// --- raise ---------------------------------------------------------------------------------------

// A race detector holds signals back until the goroutine next makes a call that it intercepts, but
// for what is sent by its own raise.
__attribute__((weak)) int ___interceptor_raise(int sig);

static int result(long err) {
  if (err < 0) weir_errno_set((int)-err);
  return err < 0 ? -1 : 0;
}

static int send(int sig) {
  if (___interceptor_raise) return ___interceptor_raise(sig);
  return result(weir_raw(SYS_tgkill, weir_raw(SYS_getpid), tid(), sig));
}

WEIR_API int raise(int sig) {
  uint64_t bit = bit_of(sig);
  if (!(mask_now() & bit) || !is_ours() || (asked & bit)) return send(sig);
  if (atomic_load_explicit(&main_blocks, memory_order_relaxed) & bit)
    return result(weir_raw(SYS_kill, weir_raw(SYS_getpid), sig));
  weir_raw(SYS_rt_sigprocmask, SIG_UNBLOCK, &bit, 0, SIGSET_BYTES);
  int sent = send(sig);
  weir_raw(SYS_rt_sigprocmask, SIG_BLOCK, &bit, 0, SIGSET_BYTES);
  return sent;
}
