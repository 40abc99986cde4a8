// SPDX-License-Identifier: Apache-2.0
//
// A signal every 500 us, whose handler has no stack of its own and touches some of whichever
// goroutine's it comes upon, while channels, locks, timers, sleeps and descriptors are in use: every
// system call may be cut short (no SA_RESTART), errno stays the goroutine's, nothing is lost.
// RUN: %weircc_plain -O1 %s -o %t && %weircc -O1 %s -o %t.i
// RUN: for n in 1 4; do WEIR_OPTIONS=procs=$n:stack_kb=32 %t || exit 1; done
// RUN: WEIR_OPTIONS=procs=2 %t.i
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include "check.h"

enum { ENOUGH = 400, PAIRS = 6 };
static atomic_int storms;
static weir_mutex mu;
static long guarded;

static void on_alarm(int sig) {
  int saved = errno;
  volatile char some[1500];
  memset((char *)some, sig, sizeof some);
  errno = ETXTBSY;
  nanosleep(&(struct timespec){0}, NULL);
  atomic_fetch_add(&storms, some[700] == sig);
  errno = saved;
}

static bool go_on(void) { return atomic_load(&storms) < ENOUGH; }

static void sends(weir_chan(long) c, long *sum) {
  for (long i = 1; go_on(); i++) {
    errno = 5;
    weir_send(c, i);
    CHECK_EQ(errno, 5);
    *sum += i;
    weir_mutex_lock(&mu);
    guarded++;
    weir_mutex_unlock(&mu);
  }
  weir_close(c);
}
static void receives(weir_chan(long) c, long *sum, long *n) {
  for (long v; weir_recv(c, &v); ++*n) {
    *sum += v;
    if (v % 512 == 0) weir_sleep(WEIR_US(50));
    if (v % 1024 == 0) weir_recv(weir_after(WEIR_US(20)), NULL);
  }
}

static void writes(int fd, long *sum) {
  for (unsigned char b = 1; go_on(); b++) {
    CHECK_EQ(weir_write(fd, &b, 1), 1);
    *sum += b;
  }
  close(fd);
}
static void reads(int fd, long *sum) {
  unsigned char buf[64];
  for (long n; (n = weir_read(fd, buf, sizeof buf)) != 0;) {
    CHECK(n > 0);
    for (long i = 0; i < n; i++)
      *sum += buf[i];
  }
  close(fd);
}

int main(void) {
  struct sigaction sa = {.sa_handler = on_alarm};
  CHECK(sigaction(SIGALRM, &sa, NULL) == 0);
  struct itimerval every = {{0, 500}, {0, 500}};
  long out[PAIRS] = {0}, in[PAIRS] = {0}, n[PAIRS] = {0}, wrote = 0, got = 0, total = 0;
  int fd[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
  CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
  weir_wg wg = {0};
  for (int i = 0; i < PAIRS; i++) {
    weir_chan(long) c = weir_chan_make(long, i % 3);
    weir_wg_go(&wg, sends, c, &out[i]);
    weir_wg_go(&wg, receives, c, &in[i], &n[i]);
  }
  weir_wg_go(&wg, writes, fd[0], &wrote);
  weir_wg_go(&wg, reads, fd[1], &got);
  weir_wg_wait(&wg);
  CHECK(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL) == 0);
  for (int i = 0; i < PAIRS; i++) {
    CHECK_EQ(in[i], out[i]);
    total += n[i];
  }
  CHECK(total > 0 && got > 0);
  CHECK_EQ(guarded, total);
  CHECK_EQ(got, wrote);
}
