// SPDX-License-Identifier: Apache-2.0
//
// <weir/io.h>: try the system call; when it would block, park until the poller says that
// the descriptor is ready, and try again. A descriptor that blocks (a terminal, a pipe that other
// programs share) stays as it is: it is waited for before each try, and written to in pieces
// that fit where there is any room. Where lately each first try to read found nothing (a peer that
// answers when it is asked) the wait comes first too, which saves that call.
#define _GNU_SOURCE
#include <weir/io.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hooks.h"
#include "os/thread.h"
#include "sched/sched.h"

#define CALLER __builtin_return_address(0)

// What a system call reads and writes is the program's doing: a report of a race names its line.
#define ENTER(pc) WEIR_HB(api_enter, pc)
#define LEAVE() WEIR_HB(api_leave)

static bool would_block(void) {
  int e = weir_errno_get();
  return e == EAGAIN || e == EWOULDBLOCK;
}

static int make_nonblocking(int fd) {
  if (!weir_poll_may_block(fd)) return 0;
  return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

// Parks until fd is ready: above 0 (above 1: it always is), or -1 and errno.
static int await(int fd, int events, const void *pc) {
  int got = weir_poll_park(fd, events, -1, pc);
  if (got > 0) return got;
  if (got == 0) weir_errno_set(ETIMEDOUT);
  return -1;
}

// As in Go, nothing begins after the deadline, not even what need not wait.
static bool too_late(int fd, int events) {
  if (!weir_poll_too_late(fd, events)) return false;
  weir_errno_set(ETIMEDOUT);
  return true;
}

static ssize_t read_some(int fd, void *buf, size_t n, const void *pc) {
  if (too_late(fd, POLLIN)) return -1;
  bool waits = weir_poll_may_block(fd) || (n > 0 && weir_poll_mostly_empty(fd));
  if (waits && await(fd, POLLIN, pc) < 0) return -1;
  for (;;) {
    ssize_t got = read(fd, buf, n);
    if (got < 0 && weir_errno_get() == EINTR) continue;
    if (!waits) weir_poll_tried(fd, got < 0);
    if (got >= 0) return got;
    if (!would_block() || await(fd, POLLIN, pc) < 0) return -1;
    waits = true;
  }
}

ssize_t weir_read(int fd, void *buf, size_t n) {
  ENTER(CALLER);
  ssize_t result = read_some(fd, buf, n, CALLER);
  LEAVE();
  return result;
}

static ssize_t write_all(int fd, const void *buf, size_t n, const void *pc) {
  if (too_late(fd, POLLOUT)) return -1;
  bool blocks = weir_poll_may_block(fd);
  size_t done = 0;
  while (done < n) {
    size_t most = n - done;
    if (blocks) {
      int ready = await(fd, POLLOUT, pc);
      if (ready < 0) break;
      if (ready == 1 && most > PIPE_BUF) most = PIPE_BUF;
    }
    ssize_t put = write(fd, (const char *)buf + done, most);
    if (put >= 0)
      done += (size_t)put;
    else if (weir_errno_get() != EINTR && (!would_block() || await(fd, POLLOUT, pc) < 0))
      break;
  }
  return done > 0 || n == 0 ? (ssize_t)done : -1;
}

ssize_t weir_write(int fd, const void *buf, size_t n) {
  ENTER(CALLER);
  ssize_t result = write_all(fd, buf, n, CALLER);
  LEAVE();
  return result;
}

static int accept_one(int fd, struct sockaddr *addr, socklen_t *len, const void *pc) {
  if (too_late(fd, POLLIN) || make_nonblocking(fd) != 0) return -1;
  for (;;) {
    int got = accept4(fd, addr, len, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (got >= 0) {
      weir_poll_fresh(got);
      return got;
    }
    if (weir_errno_get() == EINTR || weir_errno_get() == ECONNABORTED) continue;
    if (!would_block() || await(fd, POLLIN, pc) < 0) return -1;
  }
}

int weir_accept(int fd, struct sockaddr *addr, socklen_t *len) {
  ENTER(CALLER);
  int result = accept_one(fd, addr, len, CALLER);
  LEAVE();
  return result;
}

// 0 or an errno; -1: not yet, the wait was ended by something older than this connection.
static int connected(int fd) {
  int err = 0;
  struct sockaddr_storage peer;
  socklen_t size = sizeof err, peer_size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size) != 0) return weir_errno_get();
  if (err != 0) return err;
  return getpeername(fd, (struct sockaddr *)&peer, &peer_size) == 0 ? 0 : -1;
}

static int connect_to(int fd, const struct sockaddr *addr, socklen_t len, const void *pc) {
  if (too_late(fd, POLLOUT) || make_nonblocking(fd) != 0) return -1;
  if (connect(fd, addr, len) == 0) return 0;
  if (weir_errno_get() != EINPROGRESS && weir_errno_get() != EINTR) return -1;
  int err;
  do {
    if (await(fd, POLLOUT, pc) < 0) return -1;
    err = connected(fd);
  } while (err < 0);
  if (err == 0) return 0;
  weir_errno_set(err);
  return -1;
}

int weir_connect(int fd, const struct sockaddr *addr, socklen_t len) {
  ENTER(CALLER);
  int result = connect_to(fd, addr, len, CALLER);
  LEAVE();
  return result;
}
