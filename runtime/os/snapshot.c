// SPDX-License-Identifier: Apache-2.0
//
// snapshot.h by clone(2), called raw: fork of the C library would run handlers and take the locks
// of the allocator, which a stopped thread may hold, and a race detector would follow it.
//
// No exit signal, so the program's SIGCHLD handler hears nothing and only a wait with __WALL finds
// it. A child that is killed for want of memory, or crashes, leaves no core and is the first that
// the kernel chooses.
#define _GNU_SOURCE
#include "os/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "os/rawcall.h"

enum { WAIT = 0, WAKE = 1 }; // futex operations, between processes
#define SLICE_NS INT64_C(50000000)

static void be_expendable(int parent) {
  static const char most[] = "1000";
  weir_raw(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
  if (weir_raw(SYS_getppid) != parent) weir_raw(SYS_exit_group, 1);
  struct rlimit no_core = {0};
  weir_raw(SYS_prlimit64, 0, RLIMIT_CORE, &no_core, NULL);
  long fd = weir_raw(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  weir_raw(SYS_write, fd, most, sizeof most - 1);
  weir_raw(SYS_close, fd);
}

int weir_snapshot_start(void (*fn)(void *arg), void *arg, _Atomic uint32_t *done) {
  int parent = (int)weir_raw(SYS_getpid);
  long child = weir_raw(SYS_clone, CLONE_FILES | CLONE_FS, NULL, NULL, NULL, NULL);
  if (child != 0) return (int)child;
  be_expendable(parent);
  fn(arg);
  atomic_store_explicit(done, 1, memory_order_release);
  weir_raw(SYS_futex, done, WAKE, INT32_MAX);
  weir_raw(SYS_exit_group, 0);
  __builtin_unreachable();
}

int weir_snapshot_ended(int child, _Atomic uint32_t *done) {
  long got = weir_raw(SYS_wait4, child, NULL, __WALL | WNOHANG, NULL);
  if (got == 0) return -EAGAIN;
  return atomic_load_explicit(done, memory_order_acquire) ? 0 : -ECHILD;
}

void weir_snapshot_kill(int child) {
  weir_raw(SYS_kill, child, SIGKILL);
  while (weir_raw(SYS_wait4, child, NULL, __WALL, NULL) == -EINTR)
    ;
}

int weir_snapshot_wait(int child, _Atomic uint32_t *done, int64_t ns) {
  int err;
  for (int64_t left = ns; (err = weir_snapshot_ended(child, done)) == -EAGAIN; left -= SLICE_NS) {
    if (left <= 0) {
      weir_snapshot_kill(child);
      return -ETIMEDOUT;
    }
    struct timespec slice = {.tv_nsec = SLICE_NS};
    if (atomic_load_explicit(done, memory_order_acquire)) {
      weir_snapshot_kill(child); // it has only to end
      return 0;
    }
    weir_raw(SYS_futex, done, WAIT, 0, &slice);
  }
  return err;
}

void weir_snapshot_leave_out(uintptr_t low, uintptr_t high, int leave) {
  weir_raw(SYS_madvise, low, high - low, leave ? MADV_DONTFORK : MADV_DOFORK);
}
