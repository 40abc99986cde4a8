// SPDX-License-Identifier: Apache-2.0
//
// A process that runs. Every thread is seized and stopped by ptrace, which the process cannot tell
// but for calls of the kernel that end with EINTR then; a signal that comes in between is delivered
// when it goes on. If this program dies, the kernel lets the process go on.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target/private.h"

// False: it has ended.
static bool stop_thread(struct weir_target *t, int tid) {
  struct user_regs_struct regs;
  int status, deliver = 0;
  if (ptrace(PTRACE_SEIZE, tid, 0, 0) != 0) return false;
  if (ptrace(PTRACE_INTERRUPT, tid, 0, 0) != 0 || waitpid(tid, &status, __WALL) != tid ||
      !WIFSTOPPED(status))
    return false;
  if (status >> 16 == 0) deliver = WSTOPSIG(status); // a signal came first
  if (ptrace(PTRACE_GETREGS, tid, 0, &regs) != 0) return false;
  weir_target_add_thread(t, tid, &regs);
  t->deliver = weir_xrealloc(t->deliver, t->thread_count * sizeof *t->deliver);
  t->deliver[t->thread_count - 1] = deliver;
  return true;
}

// Until no thread is left that is not stopped: they may make others meanwhile. What has ended
// cannot be stopped. 0, or errno if none could be.
static int stop_all(struct weir_target *t) {
  char folder[64];
  int error = ESRCH;
  snprintf(folder, sizeof folder, "/proc/%d/task", t->pid);
  for (bool more = true; more;) {
    DIR *dir = opendir(folder);
    struct dirent *e;
    if (!dir) return errno;
    more = false;
    while ((e = readdir(dir))) {
      int tid = atoi(e->d_name);
      if (tid <= 0 || weir_target_thread(t, tid)) continue;
      errno = 0;
      if (stop_thread(t, tid))
        more = true;
      else if (errno)
        error = errno;
    }
    closedir(dir);
  }
  return t->thread_count ? 0 : error;
}

void weir_target_detach(struct weir_target *t) {
  for (size_t i = 0; i < t->thread_count; i++)
    ptrace(PTRACE_DETACH, t->threads[i].tid, 0, (void *)(intptr_t)t->deliver[i]);
  t->live = false;
}

static bool find_program(struct weir_target *t) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", t->pid);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return false;
  path[n] = 0;
  t->program = weir_xstrdup(path);
  return true;
}

static const char *why(int error) {
  if (error == ESRCH || error == ENOENT) return "there is no such process";
  if (error == EPERM || error == EACCES)
    return "not allowed: it is another user's, or another debugger's, or "
           "kernel.yama.ptrace_scope forbids it (run as root)";
  return strerror(error);
}

struct weir_target *weir_target_attach(const char *verb, int pid) {
  struct weir_target *t = weir_target_new(verb);
  char name[32], memory[64];
  t->pid = pid;
  snprintf(name, sizeof name, "process %d", pid);
  snprintf(memory, sizeof memory, "/proc/%d/mem", pid);
  if (!find_program(t)) return weir_target_fail(t, name, why(errno));
  t->fd = open(memory, O_RDONLY | O_CLOEXEC);
  if (t->fd < 0) return weir_target_fail(t, name, why(errno));
  t->live = true;
  int error = stop_all(t);
  if (error) return weir_target_fail(t, name, why(error));
  t->dwfl = weir_target_dwfl(true);
  error = t->dwfl ? dwfl_linux_proc_report(t->dwfl, pid) : -1;
  if (error) return weir_target_fail(t, name, error > 0 ? why(error) : dwfl_errmsg(-1));
  return weir_target_ready(t) ? t : NULL;
}
