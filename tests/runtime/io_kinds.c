// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t %t.file || exit 1; done
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=1 %t.i %t.file
//
// Whatever can be waited for, blocking or not; regular files; several goroutines on one descriptor;
// a wait that is ended by a close; no descriptors left. With one worker a call that
// blocked its thread would keep everybody waiting for ever.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <termios.h>

#include "check.h"

static atomic_int arrived;

static void read_all(int fd, size_t n, uint64_t *sum, weir_wg *wg) {
  unsigned char text[1024];
  for (size_t have = 0; have < n;) {
    ssize_t got = weir_read(fd, text, n - have < sizeof text ? n - have : sizeof text);
    CHECK(got > 0);
    for (ssize_t i = 0; i < got; i++)
      *sum += text[i];
    have += (size_t)got;
  }
  weir_wg_done(wg);
}

// The reader comes first and waits; then more is written than there is room for.
static void stream(int from, int to, size_t n) {
  unsigned char *text = malloc(n);
  uint64_t sum = 0, got = 0;
  weir_wg wg = {0};
  for (size_t i = 0; i < n; i++)
    sum += text[i] = (unsigned char)('a' + i % 23);
  weir_wg_add(&wg, 1);
  weir_go(read_all, from, n, &got, &wg);
  weir_yield();
  CHECK_EQ(weir_write(to, text, n), n);
  weir_wg_wait(&wg);
  CHECK_EQ(got, sum);
  free(text);
  CHECK(weir_close_fd(from) == 0 && (to == from || weir_close_fd(to) == 0));
}

static void streams(void) {
  enum { LOT = 300000 };
  int fds[2];
  for (int flag = 0; flag <= O_NONBLOCK; flag += O_NONBLOCK) {
    CHECK(pipe2(fds, flag) == 0);
    stream(fds[0], fds[1], LOT);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | (flag ? SOCK_NONBLOCK : 0), 0, fds) == 0);
    stream(fds[0], fds[1], LOT);
    int event = eventfd(0, flag ? EFD_NONBLOCK : 0);
    stream(event, event, 8);
  }
}

static void terminal(void) {
  struct termios raw;
  int master = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
  int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  CHECK(slave >= 0 && tcgetattr(slave, &raw) == 0);
  cfmakeraw(&raw);
  CHECK(tcsetattr(slave, TCSANOW, &raw) == 0);
  stream(slave, master, 20000);
}

static void regular(const char *path) {
  char text[9] = "";
  for (int flag = 0; flag <= O_NONBLOCK; flag += O_NONBLOCK) {
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | flag, 0600);
    CHECK(fd >= 0 && weir_write(fd, "contents", 8) == 8 && lseek(fd, 0, SEEK_SET) == 0);
    CHECK(weir_read(fd, text, 8) == 8 && strcmp(text, "contents") == 0);
    CHECK_EQ(weir_read(fd, text, 8), 0);
    CHECK_EQ(weir_wait_fd(fd, POLLIN, -1), 1);
    CHECK_EQ(weir_write(fd, NULL, 0), 0);
    CHECK_EQ(weir_close_fd(fd), 0);
  }
}

static void read_one(int fd, weir_chan(char) out) {
  char c = 0;
  atomic_fetch_add(&arrived, 1);
  weir_send(out, weir_read(fd, &c, 1) == 1 ? c : errno == EBADF ? '!' : '?');
}

static void wait_arrived(int n) {
  while (atomic_load(&arrived) < n)
    weir_yield();
  weir_yield();
}

static void several(void) { // each of them gets one byte, also when all come at once
  enum { READERS = 20 };
  int fds[2], sum = 0;
  weir_chan(char) out = weir_chan_make(char, 0);
  CHECK(pipe2(fds, O_NONBLOCK) == 0);
  atomic_store(&arrived, 0);
  for (int i = 0; i < READERS; i++)
    weir_go(read_one, fds[0], out);
  wait_arrived(READERS);
  for (int i = 0; i < READERS / 2; i++)
    CHECK_EQ(weir_write(fds[1], "\1", 1), 1);
  CHECK_EQ(weir_write(fds[1], "\1\1\1\1\1\1\1\1\1\1", READERS / 2), READERS / 2);
  for (char c; sum < READERS; sum += c)
    weir_recv(out, &c);
  CHECK_EQ(sum, READERS);
  weir_chan_free(out);
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}

static void fill(int fd, weir_chan(char) out) {
  char lot[4096] = "";
  ssize_t put;
  do
    put = weir_write(fd, lot, sizeof lot);
  while (put == sizeof lot);
  weir_send(out, errno == EBADF ? '!' : '?');
}

static void closed(void) {
  enum { READERS = 5 };
  int fds[2];
  char c, text[2];
  weir_chan(char) out = weir_chan_make(char, 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
  atomic_store(&arrived, 0);
  for (int i = 0; i < READERS; i++)
    weir_go(read_one, fds[0], out);
  weir_go(fill, fds[0], out);
  wait_arrived(READERS);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_S(3600)), 0);
  CHECK_EQ(weir_close_fd(fds[0]), 0);
  for (int i = 0; i < READERS + 1; i++)
    CHECK(weir_recv(out, &c) && c == '!');
  CHECK(weir_read(fds[0], text, 1) == -1 && errno == EBADF);
  CHECK(weir_wait_fd(fds[0], POLLIN, -1) == -1 && errno == EBADF);
  CHECK(weir_close_fd(fds[0]) == -1 && errno == EBADF);
  CHECK(weir_close_fd(-1) == -1 && errno == EBADF);
  CHECK(weir_read(-1, text, 1) == -1 && errno == EBADF);
  weir_close_fd(fds[1]);
  weir_chan_free(out);
}

static void no_more_descriptors(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(bind(listener, (struct sockaddr *)&at, len) == 0 && listen(listener, 4) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
  CHECK_EQ(weir_connect(client, (struct sockaddr *)&at, len), 0);
  struct rlimit old, tight;
  CHECK(getrlimit(RLIMIT_NOFILE, &old) == 0);
  int next = dup(0);
  close(next);
  tight = old;
  tight.rlim_cur = (rlim_t)next;
  CHECK(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  for (int i = 0; i < 3; i++) {
    errno = 0;
    CHECK(weir_accept(listener, NULL, NULL) == -1 && errno == EMFILE);
  }
  CHECK(setrlimit(RLIMIT_NOFILE, &old) == 0);
  CHECK_EQ(weir_accept(listener, NULL, NULL), next);
  close(next), close(client), close(listener);
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  streams(), terminal(), regular(argv[1]), several(), closed(), no_more_descriptors();
  return 0;
}
