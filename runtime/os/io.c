// SPDX-License-Identifier: Apache-2.0
//
// io.h on Linux.
#define _GNU_SOURCE
#include "os/io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "os/rawcall.h"

enum { OURS_AT_LEAST = 200, SIGSET_BYTES = 8 };

int weir_io_open_append(const char *path) {
  return (int)weir_raw(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

// Non-blocking descriptors (standard error shared with another program) are waited for.
static bool retry(int fd, long result, short events) {
  if (result == -EINTR) return true;
  if (result != -EAGAIN) return false;
  struct pollfd p = {.fd = fd, .events = events};
  return weir_raw(SYS_poll, &p, 1, 1000) != 0;
}

// The kernel sends SIGPIPE to the writing thread along with EPIPE: it is taken back.
static void drop_broken_pipe_signal(void) {
  uint64_t set = 1ull << (SIGPIPE - 1);
  struct timespec none = {0};
  weir_raw(SYS_rt_sigtimedwait, &set, 0, &none, SIGSET_BYTES);
}

static int write_all(int fd, const void *data, size_t n) {
  const char *from = data;
  while (n > 0) {
    long got = weir_raw(SYS_write, fd, from, n);
    if (got <= 0) {
      if (retry(fd, got, POLLOUT)) continue;
      return got ? (int)got : -EIO;
    }
    from += got;
    n -= (size_t)got;
  }
  return 0;
}

int weir_io_write(int fd, const void *data, size_t n) {
  struct weir_io_signals signals;
  weir_io_signals_block(&signals);
  int err = write_all(fd, data, n);
  if (err == -EPIPE) drop_broken_pipe_signal();
  weir_io_signals_restore(&signals);
  return err;
}

int weir_io_send(int fd, const void *data, size_t n) {
  const char *from = data;
  while (n > 0) {
    long got = weir_raw(SYS_sendto, fd, from, n, MSG_NOSIGNAL, 0, 0);
    if (got <= 0) {
      if (retry(fd, got, POLLOUT)) continue;
      return got ? (int)got : -EIO;
    }
    from += got;
    n -= (size_t)got;
  }
  return 0;
}

long weir_io_read_at(int fd, void *buf, size_t n, int64_t offset) {
  return weir_raw(SYS_pread64, fd, buf, n, offset);
}

long weir_io_read_file(const char *path, char *buf, size_t n) {
  int fd = (int)weir_raw(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return fd;
  size_t have = 0;
  while (have < n) {
    long got = weir_raw(SYS_read, fd, buf + have, n - have);
    if (got == -EINTR) continue;
    if (got <= 0) break;
    have += (size_t)got;
  }
  weir_io_close(fd);
  return (long)have;
}

long weir_io_read_link(const char *path, char *buf, size_t n) {
  long got = weir_raw(SYS_readlinkat, AT_FDCWD, path, buf, n - 1);
  buf[got > 0 ? got : 0] = 0;
  return got;
}

long weir_io_cwd(char *buf, size_t n) {
  long got = weir_raw(SYS_getcwd, buf, n);
  if (got <= 0) buf[0] = 0;
  return got;
}

bool weir_io_executable(const char *path) {
  struct stat s;
  return weir_raw(SYS_stat, path, &s) == 0 && S_ISREG(s.st_mode) &&
         weir_raw(SYS_access, path, X_OK) == 0;
}

bool weir_io_readable(const char *path) {
  struct stat s;
  return weir_raw(SYS_stat, path, &s) == 0 && !S_ISDIR(s.st_mode) &&
         weir_raw(SYS_access, path, R_OK) == 0;
}

void weir_io_close(int fd) {
  weir_raw(SYS_close, fd);
}

int weir_io_memory_file(const char *name) {
  int fd = (int)weir_raw(SYS_memfd_create, name, MFD_CLOEXEC);
  if (fd < 0) return fd;
  int high = (int)weir_raw(SYS_fcntl, fd, F_DUPFD_CLOEXEC, OURS_AT_LEAST);
  if (high < 0) return fd;
  weir_io_close(fd);
  return high;
}

void weir_io_truncate(int fd) {
  weir_raw(SYS_ftruncate, fd, 0);
  weir_raw(SYS_lseek, fd, 0, SEEK_SET);
}

int weir_io_pair(int *ours, int *theirs) {
  int fds[2];
  long err = weir_raw(SYS_socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
  if (err < 0) return (int)err;
  int high = (int)weir_raw(SYS_fcntl, fds[0], F_DUPFD_CLOEXEC, OURS_AT_LEAST);
  if (high >= 0) weir_io_close(fds[0]);
  *ours = high >= 0 ? high : fds[0];
  *theirs = fds[1];
  return 0;
}

static int64_t monotonic(void) {
  struct timespec t;
  weir_raw(SYS_clock_gettime, CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

// Waits for input until `end`. A count, 0 when the other side has closed, or -ETIMEDOUT.
static long receive(int fd, char *buf, size_t n, int64_t end) {
  for (;;) {
    int64_t left = end - monotonic();
    if (left <= 0) return -ETIMEDOUT;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    if (weir_raw(SYS_poll, &p, 1, left / 1000000 + 1) <= 0) continue;
    long got = weir_raw(SYS_read, fd, buf, n);
    if (got != -EINTR && got != -EAGAIN) return got > 0 ? got : 0;
  }
}

long weir_io_receive_line(int fd, char *line, size_t size, int64_t ns) {
  size_t n = 0;
  for (int64_t end = monotonic() + ns;;) {
    char c;
    long got = receive(fd, &c, 1, end);
    if (got <= 0) return got ? got : -EPIPE;
    if (c == '\n') break;
    if (n + 1 < size) line[n++] = c;
  }
  line[n] = 0;
  return (long)n;
}

long weir_io_finish(int fd, int64_t ns) {
  long all = 0;
  weir_raw(SYS_shutdown, fd, SHUT_WR);
  for (int64_t end = monotonic() + ns;;) {
    char sink[64];
    long got = receive(fd, sink, sizeof sink, end);
    if (got < 0) return got;
    if (got == 0) return all;
    all += got;
  }
}

uint64_t weir_io_identity(int fd) {
  struct stat s;
  if (weir_raw(SYS_fstat, fd, &s) != 0) return 0;
  return ((uint64_t)s.st_dev << 48) ^ s.st_ino;
}

_Noreturn void weir_io_exit(int status) {
  for (;;)
    weir_raw(SYS_exit_group, status);
}

int weir_io_pid(void) {
  return (int)weir_raw(SYS_getpid);
}

int64_t weir_io_wall_ns(void) {
  struct timespec t;
  weir_raw(SYS_clock_gettime, CLOCK_REALTIME, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void weir_io_signals_block(struct weir_io_signals *s) {
  uint64_t all = ~0ull;
  weir_raw(SYS_rt_sigprocmask, SIG_SETMASK, &all, &s->old, SIGSET_BYTES);
}

void weir_io_signals_restore(const struct weir_io_signals *s) {
  weir_raw(SYS_rt_sigprocmask, SIG_SETMASK, &s->old, 0, SIGSET_BYTES);
}
