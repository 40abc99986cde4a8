// SPDX-License-Identifier: Apache-2.0
//
// What the calls of libc_calls.py work on: each row of the table has a world of its own, since a
// race detector says only once that an address is raced for. Its fields are used by short names.
#ifndef LIBC_WORLD_H
#define LIBC_WORLD_H

#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <weir/weir.h>

#include "../../bugs/Inputs/hidden.h"

struct big {
  long part[3];
};

struct world {
  char s[64], s2[64], d[128], path[64];
  wchar_t ws[32], ws2[32], wd[64];
  char *end, *save, **list;
  wchar_t *wend;
  int n, n2, fds[4];
  long l, l2;
  double f, f2;
  size_t size;
  ssize_t got;
  mbstate_t state;
  struct tm tm;
  time_t t;
  struct timespec ts, ts2;
  struct timeval tv, tv2;
  struct stat st;
  struct statvfs vfs;
  struct rlimit limit;
  struct rusage usage;
  struct tms tms;
  struct utsname uts;
  struct sockaddr_in in;
  socklen_t len;
  struct iovec iov[2];
  struct msghdr msg;
  struct pollfd poll[2];
  struct epoll_event event[2];
  struct itimerspec its;
  struct itimerval itv;
  struct sigaction act, act2;
  sigset_t set;
  fd_set fdset;
  sem_t sem;
  fpos_t pos;
  FILE *file;
  int ints[8], key;
  _Atomic struct big big;
  struct big value, value2;
  pthread_t thread;
  void *result;
  int status;
};

#define FIELD(name) (w->name)

static const struct world first_world = {
    .s = "one two",
    .s2 = "three",
    .d = "buffer",
    .path = "no such file",
    .ws = L"one two",
    .ws2 = L"three",
    .wd = L"buffer",
    .tm = {.tm_year = 100, .tm_mday = 1},
    .ts = {.tv_nsec = 1},
    .ints = {3, 1, 2},
    .key = 2,
};

// Nothing here is checked: what a row prepares shall race with nothing.
HIDDEN static void expect(int held, const char *what) {
  if (held) return;
  fprintf(stderr, "not true: %s\n", what);
  _Exit(1);
}
#define EXPECT(condition) expect(!!(condition), #condition)

// Both access the byte, and nothing else.
static inline void change(void *at) {
  *(volatile char *)at = 'x';
}
static inline void look(const void *at) {
  char seen = *(const volatile char *)at;
  __asm__ volatile("" : : "r"(seen));
}

HIDDEN static long opaque(long value) {
  __asm__ volatile("" : "+r"(value));
  return value;
}
HIDDEN static void ignore(long value) {
  __asm__ volatile("" : : "r"(value));
}

static int by_value(const void *one, const void *two) {
  return *(const int *)one - *(const int *)two;
}

struct row {
  void (*call)(void), (*raced)(void), (*apart)(void);
};

// Each row in turn: another goroutine makes the call, then main makes its access.
static int run_rows(const struct row *rows, size_t n, const char *which, const char *one) {
  for (size_t i = 0; i < n; i++) {
    if (one && (size_t)atoi(one) != i) continue;
    hidden_count = 0;
    weir_go(rows[i].call);
    hidden_wait(1);
    if (!strcmp(which, "racy"))
      rows[i].raced();
    else
      rows[i].apart();
    hidden_post();
  }
  return 0;
}

#endif
