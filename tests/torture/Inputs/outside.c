// SPDX-License-Identifier: Apache-2.0
//
// Plays with the world outside: bytes through pipes, socket pairs and loopback connections come out
// as they went in, whatever the pieces; and somebody who looks at all goroutines meanwhile.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "torture.h"

static unsigned char nth(long i) {
  return (unsigned char)(i * 31 + (i >> 8));
}

static void pump(int fd, long total, struct rng r) {
  unsigned char buf[3000];
  for (long at = 0; at < total;) {
    long n = 1 + (long)rnd(&r, sizeof buf);
    if (n > total - at) n = total - at;
    for (long i = 0; i < n; i++)
      buf[i] = nth(at + i);
    CHECK_EQ(weir_write(fd, buf, (size_t)n), n);
    at += n;
    stir(&r);
  }
}

static void drain(int fd, long total, struct rng *r) {
  unsigned char buf[4000];
  for (long at = 0; at < total;) {
    if (rnd(r, 5) == 0) CHECK(weir_wait_fd(fd, POLLIN, WEIR_US(rnd(r, 200))) >= 0);
    long n = weir_read(fd, buf, 1 + rnd(r, sizeof buf));
    CHECK(n > 0);
    for (long i = 0; i < n; i++)
      CHECK_EQ(buf[i], nth(at + i));
    at += n;
    stir(r);
  }
}

static void drain_too(int fd, long total, struct rng r) {
  drain(fd, total, &r);
}

// Both directions at once where there are two.
void play_pipe(struct rng *r) {
  int fd[2];
  bool sockets = rnd(r, 2);
  CHECK(sockets ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) == 0
                : pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0);
  long total = 1 + (long)rnd(r, 200000);
  weir_wg wg = {0};
  weir_wg_go(&wg, pump, fd[1], total, rng_new(r));
  if (sockets) {
    weir_wg_go(&wg, pump, fd[0], total, rng_new(r));
    weir_wg_go(&wg, drain_too, fd[1], total, rng_new(r));
  }
  drain(fd[0], total, r);
  weir_wg_wait(&wg);
  close(fd[1]);
  if (!sockets) CHECK_EQ(weir_read(fd[0], &total, 1), 0);
  close(fd[0]);
}

static void visit(struct sockaddr_in to, long total, struct rng r) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(fd >= 0);
  CHECK_EQ(weir_connect(fd, (struct sockaddr *)&to, sizeof to), 0);
  pump(fd, total, r);
  char end;
  CHECK_EQ(weir_read(fd, &end, 1), 1);
  close(fd);
}

static void serve(int fd, long total, struct rng r) {
  drain(fd, total, &r);
  CHECK_EQ(weir_write(fd, "x", 1), 1);
  close(fd);
}

void play_tcp(struct rng *r) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK(server >= 0 && bind(server, (struct sockaddr *)&at, sizeof at) == 0);
  CHECK(listen(server, 64) == 0 && getsockname(server, (struct sockaddr *)&at, &size) == 0);
  int n = 1 + (int)rnd(r, 6);
  long total = 1 + (long)rnd(r, 20000);
  weir_wg wg = {0};
  for (int i = 0; i < n; i++)
    weir_wg_go(&wg, visit, at, total, rng_new(r));
  for (int i = 0; i < n; i++) {
    int fd = weir_accept(server, NULL, NULL);
    CHECK(fd >= 0);
    weir_wg_go(&wg, serve, fd, total, rng_new(r));
  }
  weir_wg_wait(&wg);
  close(server);
}

static void dump(void *arg) {
  weir_dump(*(int *)arg);
}

void play_look(struct rng *r) {
  CHECK(weir_num_goroutine() >= 2);
  CHECK(weir_goid() > 1);
  if (rnd(r, 20)) return; // a dump starts the reporter
  int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  CHECK(nowhere >= 0);
  struct crew crew = {0};
  for (unsigned i = 1 + rnd(r, 3); i; i--)
    crew_go(&crew, r, dump, &nowhere);
  crew_wait(&crew);
  close(nowhere);
}
