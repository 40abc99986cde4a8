// SPDX-License-Identifier: Apache-2.0
//
// event.h on Linux. Keeps errno.
#define _GNU_SOURCE
#include "os/event.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int call(long result, int saved) {
  int value = result < 0 ? -errno : (int)result;
  errno = saved;
  return value;
}

int weir_epoll_make(void) {
  return call(syscall(SYS_epoll_create1, EPOLL_CLOEXEC), errno);
}

int weir_epoll_set(int epoll_fd, int fd, struct epoll_event *ev) {
  int saved = errno;
  int err = call(syscall(SYS_epoll_ctl, epoll_fd, EPOLL_CTL_MOD, fd, ev), saved);
  if (err != -ENOENT) return err;
  return call(syscall(SYS_epoll_ctl, epoll_fd, EPOLL_CTL_ADD, fd, ev), saved);
}

void weir_epoll_remove(int epoll_fd, int fd) {
  struct epoll_event none = {0};
  call(syscall(SYS_epoll_ctl, epoll_fd, EPOLL_CTL_DEL, fd, &none), errno);
}

int weir_epoll_wait(int epoll_fd, struct epoll_event *events, int max, int64_t ns) {
  int saved = errno;
  if (ns <= 0)
    return call(syscall(SYS_epoll_pwait, epoll_fd, events, max, (int)ns, NULL, 8), saved);
  struct timespec limit = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  int n = call(syscall(SYS_epoll_pwait2, epoll_fd, events, max, &limit, NULL, 8), saved);
  if (n == -ENOSYS) // before Linux 5.11: whole milliseconds
    n = call(syscall(SYS_epoll_pwait, epoll_fd, events, max, (ns + 999999) / 1000000, NULL, 8),
             saved);
  return n;
}

int weir_event_make(void) {
  return call(syscall(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK), errno);
}

void weir_event_set(int fd) {
  uint64_t one = 1;
  call(syscall(SYS_write, fd, &one, sizeof one), errno);
}
