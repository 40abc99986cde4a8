// SPDX-License-Identifier: Apache-2.0
//
// server [PORT]: sends back what it receives, on the loopback address, to as many clients as
// descriptors allow. Prints the port (by default one that is free), serves until SIGTERM or
// SIGINT, then lets every connection finish what has arrived, and prints how many there were.
//
// One goroutine accepts, and each connection has one of its own, which reads and writes as if
// there were no other. A place is taken before each accept: when all are taken, clients wait in
// the kernel's queue rather than the server run out of descriptors.
//
// A connection is in the table from accept to close, both under the lock; so the shutdown
// never meets a descriptor that has been closed and opened again for something else.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <weir/weir.h>

#include "descriptors.h"

struct server {
  int listener;
  weir_ctx *life; // cancelled by the signal
  weir_sem places;
  weir_wg handling;
  weir_mutex mu; // guards the rest
  bool stopping;
  bool *open; // by descriptor
  long slots, now, most, all;
};

// --- connections --------------------------------------------------------------------------

static bool enter(struct server *s, int fd) {
  weir_guard(&s->mu);
  if (s->stopping || fd >= s->slots) return false;
  s->open[fd] = true;
  s->all++;
  if (++s->now > s->most) s->most = s->now;
  return true;
}

static void leave(struct server *s, int fd) {
  weir_mutex_lock(&s->mu);
  s->open[fd] = false;
  s->now--;
  close(fd);
  weir_mutex_unlock(&s->mu);
  weir_sem_release(&s->places, 1);
}

static void handle(struct server *s, int fd) {
  char data[512]; // on a stack that every connection has
  weir_defer(leave, s, fd);
  for (ssize_t n; (n = weir_read(fd, data, sizeof data)) > 0;)
    if (weir_write(fd, data, (size_t)n) < 0) return; // the client has gone
}

// The client gave up while it waited, or the system is short of something: it will pass.
static bool passes(int err) {
  return err == ECONNABORTED || err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

static void accept_all(struct server *s) {
  while (weir_sem_acquire(&s->places, s->life, 1) == 0) {
    int fd = weir_accept(s->listener, NULL, NULL), err = errno;
    if (fd >= 0 && enter(s, fd)) {
      weir_go(handle, s, fd);
      continue;
    }
    if (fd >= 0) close(fd);
    weir_sem_release(&s->places, 1);
    if (fd < 0 && !passes(err)) return; // shut down
    weir_select(weir_on_recv(weir_after(WEIR_MS(10)), NULL, NULL),
                weir_on_recv(weir_ctx_done(s->life), NULL, NULL));
  }
}

// --- the whole ----------------------------------------------------------------------------

// The port, or -1 and errno.
static int listen_on(struct server *s, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  socklen_t len = sizeof a;
  const int yes = 1;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (s->listener < 0) return -1;
  setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(s->listener, (struct sockaddr *)&a, len) != 0 || listen(s->listener, 4096) != 0 ||
      getsockname(s->listener, (struct sockaddr *)&a, &len) != 0)
    return -1;
  return ntohs(a.sin_port);
}

// A descriptor to read the signals from. Blocked before there is a second thread, they are
// blocked in all.
static int signals_to_end(void) {
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGTERM), sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, NULL);
  return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

// No request can come any more: every read returns 0 once what has arrived is read.
static void stop_reading(struct server *s) {
  weir_guard(&s->mu);
  s->stopping = true;
  for (int fd = 0; fd < s->slots; fd++)
    if (s->open[fd]) shutdown(fd, SHUT_RD);
}

static void serve_until_told(struct server *s, int signals) {
  struct signalfd_siginfo which;
  weir_wg accepting = {0};
  weir_wg_go(&accepting, accept_all, s);
  weir_read(signals, &which, sizeof which);
  weir_ctx_cancel(s->life);
  shutdown(s->listener, SHUT_RDWR);
  weir_wg_wait(&accepting);
  close(s->listener);
  stop_reading(s);
  weir_sem_acquire(&s->places, NULL, s->places.capacity);
}

int main(int argc, char **argv) {
  long places = connections_possible();
  static struct server s;
  s.slots = places + DESCRIPTORS_SPARE;
  s.open = calloc((size_t)s.slots, sizeof *s.open);
  int signals = signals_to_end(), port = listen_on(&s, argc > 1 ? atoi(argv[1]) : 0);
  if (!s.open || signals < 0 || port < 0) return perror("server"), 1;
  weir_sem_init(&s.places, places);
  s.life = weir_ctx_with_cancel(weir_ctx_background());
  printf("port %d, room for %ld connections\n", port, places), fflush(stdout);

  serve_until_told(&s, signals);
  printf("%ld connections, at most %ld at once\n", s.all, s.most);
  weir_ctx_free(s.life);
  free(s.open);
  close(signals);
  return 0;
}
