// SPDX-License-Identifier: Apache-2.0
//
// A child without an exit signal is hidden from wait() only until it executes a program: execve
// gives it SIGCHLD back. So there is one in between, which starts the program and ends at once; it
// has no exit signal, and is collected here. The program then belongs to init.
//
// Both share our memory and run on small stacks of their own; whoever started them is suspended
// meanwhile (CLONE_VFORK). They may touch nothing but the plan and make only raw system calls;
// above all they must not use errno, which is ours. Signal handlers are reset before signals are
// let in again, or one could run in the child.
#define _GNU_SOURCE
#include "os/spawn.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#include "os/rawcall.h"

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif
enum { STACK_BYTES = 16384, SIGNALS = 64, SIGSET_BYTES = 8, FD_LIMIT_WITHOUT_CLOSE_RANGE = 4096 };

struct plan {
  const char *path;
  char *const *argv;
  char *const *envp;
  int in_fd, out_fd;
  volatile int error;
};

long weir_clone_on_stack(unsigned long flags, void *stack_top, void (*fn)(void *), void *arg)
    __attribute__((visibility("hidden")));

// What the kernel takes; libc's struct sigaction differs.
struct kernel_sigaction {
  void *handler;
  unsigned long flags;
  void *restorer;
  uint64_t mask;
};

static void close_others(void) {
  if (weir_raw(SYS_close_range, 3, ~0u, 0) == 0) return;
  for (int fd = 3; fd < FD_LIMIT_WITHOUT_CLOSE_RANGE; fd++)
    weir_raw(SYS_close, fd);
}

// dup2 onto itself would leave close-on-exec set.
static void install(int fd, int as) {
  if (fd == as)
    weir_raw(SYS_fcntl, fd, 2 /* F_SETFD */, 0);
  else
    weir_raw(SYS_dup2, fd, as);
}

static char stacks[2][STACK_BYTES] __attribute__((aligned(16)));

__attribute__((noinline)) static void execute(void *arg) {
  struct plan *p = arg;
  struct kernel_sigaction fresh = {0};
  for (int s = 1; s <= SIGNALS; s++)
    weir_raw(SYS_rt_sigaction, s, &fresh, 0, SIGSET_BYTES);
  // The output may be descriptor 0, which the input is about to replace.
  int out = p->out_fd == 0 ? (int)weir_raw(SYS_dup, 0) : p->out_fd;
  install(p->in_fd, 0);
  install(out, 1);
  close_others();
  uint64_t none = 0;
  weir_raw(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, SIGSET_BYTES);
  p->error = (int)weir_raw(SYS_execve, p->path, p->argv, p->envp);
  weir_raw(SYS_exit_group, 127);
}

__attribute__((noinline)) static void between(void *arg) {
  struct plan *p = arg;
  long pid =
      weir_clone_on_stack(CLONE_VM | CLONE_VFORK | SIGCHLD, stacks[1] + STACK_BYTES, execute, p);
  if (pid < 0) p->error = (int)pid;
  weir_raw(SYS_exit_group, 0);
}

int weir_spawn(const char *path, char *const argv[], char *const envp[], int in_fd, int out_fd) {
  struct plan p = {path, argv, envp, in_fd, out_fd, 0};
  long pid = weir_clone_on_stack(CLONE_VM | CLONE_VFORK, stacks[0] + STACK_BYTES, between, &p);
  if (pid < 0) return (int)pid;
  while (weir_raw(SYS_wait4, pid, 0, __WALL, 0) == -EINTR)
    ;
  return p.error;
}
