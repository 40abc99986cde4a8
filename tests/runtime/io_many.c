// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2; do env WEIR_OPTIONS=procs=$n %t || exit 1; done
//
// Ten thousand connections at once (fewer where descriptors are scarce), all of which wait for a
// line, each with a deadline, and echo it; then all are closed under their readers.
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "check.h"

enum { MOST = 10000, SPARE = 64 };
static int clients[MOST], servers[MOST];
static atomic_int served, ended;

static void serve(int fd) {
  char c;
  CHECK_EQ(weir_set_deadline(fd, POLLIN, weir_now() + WEIR_S(3600)), 0);
  while (weir_read(fd, &c, 1) == 1) {
    atomic_fetch_add(&served, 1);
    CHECK_EQ(weir_write(fd, &c, 1), 1);
  }
  CHECK_EQ(errno, EBADF);
  atomic_fetch_add(&ended, 1);
}

static void accept_all(int listener, int n, weir_wg *wg) {
  for (int i = 0; i < n; i++) {
    servers[i] = weir_accept(listener, NULL, NULL);
    CHECK(servers[i] >= 0);
    weir_wg_go(wg, serve, servers[i]);
  }
}

static int how_many(void) {
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  long pairs = ((long)limit.rlim_cur - SPARE) / 2;
  return pairs < MOST ? (int)pairs : MOST;
}

int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof at;
  int listener = socket(AF_INET, SOCK_STREAM, 0), n = how_many();
  CHECK(bind(listener, (struct sockaddr *)&at, len) == 0 && listen(listener, 128) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&at, &len) == 0);
  weir_wg wg = {0}, accepting = {0};
  weir_wg_go(&accepting, accept_all, listener, n, &wg);
  for (int i = 0; i < n; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(clients[i] >= 0 && weir_connect(clients[i], (struct sockaddr *)&at, len) == 0);
  }
  weir_wg_wait(&accepting);
  char c;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < n; i++)
      CHECK_EQ(weir_write(clients[i], &(char){(char)i}, 1), 1);
    for (int i = 0; i < n; i++)
      CHECK(weir_read(clients[i], &c, 1) == 1 && c == (char)i);
  }
  CHECK_EQ(atomic_load(&served), 2 * n);
  for (int i = 0; i < n; i++)
    CHECK_EQ(weir_close_fd(servers[i]), 0);
  weir_wg_wait(&wg);
  CHECK_EQ(atomic_load(&ended), n);
  return 0;
}
