// SPDX-License-Identifier: Apache-2.0
//
// <weir/io.h>: try the system call; when it would block, park until the poller says that
// the descriptor is ready, and try again.
#define _GNU_SOURCE
#include <weir/io.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "os/thread.h"
#include "sched/sched.h"

#define CALLER __builtin_return_address(0)

static bool would_block(void) {
  int e = weir_errno_get();
  return e == EAGAIN || e == EWOULDBLOCK;
}

static int make_nonblocking(int fd) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -1;
  return flags & O_NONBLOCK ? 0 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int weir_wait_fd(int fd, int events, int64_t ns) {
  return weir_poll_park(fd, events, ns, CALLER);
}

ssize_t weir_read(int fd, void *buf, size_t n) {
  for (;;) {
    ssize_t got = read(fd, buf, n);
    if (got >= 0 || (!would_block() && weir_errno_get() != EINTR)) return got;
    if (would_block() && weir_poll_park(fd, POLLIN, -1, CALLER) < 0) return -1;
  }
}

ssize_t weir_write(int fd, const void *buf, size_t n) {
  size_t done = 0;
  while (done < n) {
    ssize_t put = write(fd, (const char *)buf + done, n - done);
    if (put >= 0) {
      done += (size_t)put;
      continue;
    }
    if (weir_errno_get() == EINTR) continue;
    if (!would_block() || weir_poll_park(fd, POLLOUT, -1, CALLER) < 0) return -1;
  }
  return (ssize_t)done;
}

int weir_accept(int fd, struct sockaddr *addr, socklen_t *len) {
  if (make_nonblocking(fd) != 0) return -1;
  for (;;) {
    int got = accept4(fd, addr, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got >= 0 || (!would_block() && weir_errno_get() != EINTR)) return got;
    if (would_block() && weir_poll_park(fd, POLLIN, -1, CALLER) < 0) return -1;
  }
}

int weir_connect(int fd, const struct sockaddr *addr, socklen_t len) {
  if (make_nonblocking(fd) != 0) return -1;
  if (connect(fd, addr, len) == 0) return 0;
  if (weir_errno_get() != EINPROGRESS && weir_errno_get() != EINTR) return -1;
  if (weir_poll_park(fd, POLLOUT, -1, CALLER) < 0) return -1;
  int err = 0;
  socklen_t size = sizeof err;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0) return -1;
  if (err == 0) return 0;
  weir_errno_set(err);
  return -1;
}
