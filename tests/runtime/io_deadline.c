// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=1 %t.i
//
// Deadlines of descriptors, as a Go connection has them: each side its own; what waits already is
// ended, moved or set free; nothing begins after it; it stays until it is changed. With
// one worker, who has arrived and does not run is parked.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static atomic_int arrived;

static void pair(int fds[2]) {
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
}
static void close_both(int fds[2]) {
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}
static void wait_arrived(int n) {
  while (atomic_load(&arrived) < n)
    weir_yield();
  weir_yield();
}

static void expect_read(int fd, ssize_t want, int err, weir_chan(char) done) {
  char c = 0;
  errno = 0;
  atomic_fetch_add(&arrived, 1);
  CHECK_EQ(weir_read(fd, &c, 1), want);
  CHECK(want == 1 || errno == err);
  weir_send(done, c);
}

static void past(void) {
  int fds[2];
  char c = 0;
  pair(fds);
  CHECK_EQ(weir_write(fds[1], "ab", 2), 2);
  for (int64_t when = -1; when <= 1; when++) {
    CHECK_EQ(weir_set_deadline(fds[0], POLLIN, when), 0);
    errno = 0;
    CHECK(weir_read(fds[0], &c, 1) == -1 && errno == ETIMEDOUT); // although there is data
  }
  CHECK_EQ(weir_write(fds[0], "x", 1), 1); // the other side
  CHECK_EQ(weir_set_deadline(fds[0], POLLOUT, weir_now()), 0);
  CHECK(weir_write(fds[0], "x", 1) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, INT64_MAX), 0);
  CHECK(weir_read(fds[0], &c, 1) == 1 && c == 'a');
  CHECK(weir_write(fds[0], "x", 1) == -1);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN | POLLOUT, INT64_MAX), 0);
  CHECK_EQ(weir_write(fds[0], "x", 1), 1);
  close_both(fds);
}

static void fires(void) {
  int fds[2];
  char c;
  pair(fds);
  int64_t when = weir_now() + WEIR_MS(5);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, when), 0);
  CHECK(weir_read(fds[0], &c, 1) == -1 && errno == ETIMEDOUT && weir_now() >= when);
  CHECK(weir_read(fds[0], &c, 1) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_wait_fd(fds[0], POLLIN, -1), 0);
  CHECK_EQ(weir_wait_fd(fds[1], POLLIN, WEIR_MS(1)), 0);
  CHECK_EQ(weir_wait_fd(fds[0], POLLOUT, WEIR_S(60)), 1);
  close_both(fds);
}

static void changed_while_waiting(void) {
  int fds[2];
  char c;
  weir_chan(char) done = weir_chan_make(char, 4);
  pair(fds);
  atomic_store(&arrived, 0);
  weir_go(expect_read, fds[0], -1, ETIMEDOUT, done); // had none, gets one
  wait_arrived(1);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() - 1), 0);
  CHECK(weir_recv(done, NULL));

  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_S(3600)), 0);
  weir_go(expect_read, fds[0], -1, ETIMEDOUT, done); // is brought forward
  wait_arrived(2);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_MS(1)), 0);
  CHECK(weir_recv(done, NULL));

  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_S(3600)), 0);
  weir_go(expect_read, fds[0], 1, 0, done); // is set free
  wait_arrived(3);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, INT64_MAX), 0);
  CHECK_EQ(weir_write(fds[1], "z", 1), 1);
  CHECK(weir_recv(done, &c) && c == 'z');
  weir_chan_free(done);
  close_both(fds);
}

static void moved_all_the_time(void) { // against the timer that fires at that moment
  int fds[2];
  weir_chan(char) done = weir_chan_make(char, 0);
  pair(fds);
  for (int i = 0; i < 300; i++) {
    CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_US(i % 7 * 20)), 0);
    weir_go(expect_read, fds[0], -1, ETIMEDOUT, done);
    weir_yield();
    CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_US(i % 5 * 20)), 0);
    CHECK(weir_recv(done, NULL));
  }
  weir_chan_free(done);
  close_both(fds);
}

static void part_of_a_write(void) {
  enum { LOT = 8 << 20 };
  int fds[2];
  char *lot = calloc(LOT, 1);
  pair(fds);
  CHECK_EQ(weir_set_deadline(fds[0], POLLOUT, weir_now() + WEIR_MS(20)), 0);
  errno = 0;
  ssize_t put = weir_write(fds[0], lot, LOT);
  CHECK(put > 0 && put < LOT && errno == ETIMEDOUT);
  CHECK(weir_write(fds[0], lot, LOT) == -1 && errno == ETIMEDOUT);
  free(lot);
  close_both(fds);
}

static void connections(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&at, len) == 0);
  CHECK(listen(listener, 4) == 0 && getsockname(listener, (struct sockaddr *)&at, &len) == 0);
  CHECK_EQ(weir_set_deadline(listener, POLLIN, weir_now() + WEIR_MS(2)), 0);
  CHECK(weir_accept(listener, NULL, NULL) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_set_deadline(client, POLLOUT, weir_now()), 0);
  CHECK(weir_connect(client, (struct sockaddr *)&at, len) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_set_deadline(client, POLLOUT, weir_now() + WEIR_S(60)), 0);
  CHECK_EQ(weir_connect(client, (struct sockaddr *)&at, len), 0);
  CHECK_EQ(weir_set_deadline(listener, POLLIN, INT64_MAX), 0);

  int next = dup(0); // a number that keeps a deadline of an earlier descriptor
  CHECK_EQ(weir_set_deadline(next, POLLIN, 1), 0);
  close(next);
  int server = weir_accept(listener, NULL, NULL);
  char c;
  CHECK_EQ(server, next);
  CHECK_EQ(weir_write(client, "c", 1), 1);
  CHECK_EQ(weir_read(server, &c, 1), 1);
  close(server), close(client), close(listener);
}

static void *in_a_thread(void *arg) {
  char c;
  int fd = *(int *)arg;
  CHECK(weir_read(fd, &c, 1) == -1 && errno == ETIMEDOUT);
  CHECK_EQ(weir_set_deadline(fd, POLLIN, INT64_MAX), 0);
  CHECK_EQ(weir_wait_fd(fd, POLLIN, WEIR_MS(1)), 0);
  CHECK_EQ(weir_wait_fd(fd, POLLOUT, INT64_MAX), 1);
  return NULL;
}

static void thread(void) {
  int fds[2];
  pthread_t t;
  pair(fds);
  CHECK_EQ(weir_set_deadline(fds[0], POLLIN, weir_now() + WEIR_MS(2)), 0);
  CHECK(pthread_create(&t, NULL, in_a_thread, fds) == 0 && pthread_join(t, NULL) == 0);
  close_both(fds);
}

int main(void) {
  past(), fires(), changed_while_waiting(), moved_all_the_time(), part_of_a_write();
  connections(), thread();
  CHECK(weir_set_deadline(-1, POLLIN, 0) == -1 && errno == EBADF);
  CHECK(weir_set_deadline(9999, POLLIN, 0) == -1 && errno == EBADF);
  CHECK(weir_set_deadline(INT32_MAX, POLLIN, 0) == -1 && errno == EBADF);
  return 0;
}
