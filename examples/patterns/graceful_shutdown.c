// SPDX-License-Identifier: Apache-2.0
//
// Graceful shutdown of a TCP server on SIGTERM, in four steps:
//
//   1. no new connections: the listening socket is shut down, the accept loop ends
//   2. no new requests: reading is shut down on every connection, so one that is idle ends, and one
//      that is busy ends after its answer
//   3. requests under way may finish, until the deadline
//   4. at the deadline the context of the rest is cancelled: they answer that they stopped
//
// The signal is blocked in main, before there are other threads, which inherit that, and read
// from a descriptor by a goroutine: no code runs in a signal handler. A connection is in the table
// from accept to close, both under the lock, so that step 2 never meets a descriptor that has
// been closed and opened again for something else.
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <weir/weir.h>

enum { LINE = 64, CONNECTIONS = 16 };

struct server {
  int listener;
  struct sockaddr_in address;
  weir_ctx *work; // of all requests
  weir_wg handling;
  weir_mutex mu; // guards the rest
  bool stopping;
  int open[CONNECTIONS], opened;
};

// Reads up to a newline, which becomes the terminating zero. False: no line.
static bool read_line(int fd, char line[LINE]) {
  for (size_t have = 0; have < LINE; have++) { // a byte at a time leaves the next line alone
    if (weir_read(fd, line + have, 1) != 1) return false;
    if (line[have] == '\n') return line[have] = 0, true;
  }
  return false;
}

static bool enter(struct server *s, int fd) {
  weir_guard(&s->mu);
  if (s->stopping || s->opened == CONNECTIONS) return false;
  s->open[s->opened++] = fd;
  return true;
}

static void leave(struct server *s, int fd) {
  weir_guard(&s->mu);
  for (int i = 0; i < s->opened; i++)
    if (s->open[i] == fd) s->open[i] = s->open[--s->opened];
  close(fd);
}

// A request is how many milliseconds to work.
static void handle(struct server *s, int fd) {
  char line[LINE];
  weir_defer(leave, s, fd);
  while (read_line(fd, line)) {
    weir_write(fd, "begun\n", 6);
    bool stopped = weir_select(weir_on_recv(weir_after(WEIR_MS(atol(line))), NULL, NULL),
                               weir_on_recv(weir_ctx_done(s->work), NULL, NULL)) == 1;
    const char *answer = stopped ? "stopped\n" : "done\n";
    weir_write(fd, answer, strlen(answer));
  }
}

static void accept_all(struct server *s) {
  for (int fd; (fd = weir_accept(s->listener, NULL, NULL)) >= 0;)
    if (enter(s, fd))
      weir_wg_go(&s->handling, handle, s, fd);
    else
      close(fd);
}

static bool server_listen(struct server *s) {
  socklen_t len = sizeof s->address;
  s->address =
      (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return s->listener >= 0 && bind(s->listener, (struct sockaddr *)&s->address, len) == 0 &&
         listen(s->listener, CONNECTIONS) == 0 &&
         getsockname(s->listener, (struct sockaddr *)&s->address, &len) == 0;
}

// --- the shutdown -------------------------------------------------------------------------

static void refuse_requests(struct server *s) {
  weir_guard(&s->mu);
  s->stopping = true;
  for (int i = 0; i < s->opened; i++)
    shutdown(s->open[i], SHUT_RD);
}

static void tell_when_done(weir_wg *handling, weir_chan(char) done) {
  weir_wg_wait(handling);
  weir_close(done);
}

// True: all requests were finished before the deadline.
static bool finish(struct server *s, int64_t deadline) {
  weir_chan(char) done = weir_chan_make(char, 0);
  weir_go(tell_when_done, &s->handling, done);
  bool finished = weir_select(weir_on_recv(done, NULL, NULL),
                              weir_on_recv(weir_after(deadline), NULL, NULL)) == 0;
  weir_ctx_cancel(s->work);
  weir_recv(done, NULL);
  weir_chan_free(done);
  return finished;
}

// Serves until the signal comes, and then until all connections have ended. True: in time.
static bool serve(struct server *s, int signals, int64_t deadline) {
  struct signalfd_siginfo info;
  weir_wg accepting = {0};
  weir_wg_go(&accepting, accept_all, s);
  weir_read(signals, &info, sizeof info);
  shutdown(s->listener, SHUT_RDWR);
  weir_wg_wait(&accepting);
  close(s->listener);
  refuse_requests(s);
  return finish(s, deadline);
}

// --- clients ------------------------------------------------------------------------------

static int dial(const struct server *s) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (weir_connect(fd, (const struct sockaddr *)&s->address, sizeof s->address) == 0) return fd;
  close(fd);
  return -1;
}

// Has a request under way and an idle connection when the signal comes.
static void client(const struct server *s, const char *request, weir_chan(char) served) {
  char line[LINE] = "";
  int busy = dial(s), idle = dial(s);
  weir_write(busy, request, strlen(request));
  read_line(busy, line);
  printf("client: %s\n", line);
  kill(getpid(), SIGTERM);
  read_line(busy, line);
  printf("client: %s\n", line);
  bool ended = !read_line(idle, line) && !read_line(busy, line);
  weir_recv(served, NULL);
  printf("client: connections %s, another %s\n", ended ? "ended" : "open",
         dial(s) < 0 ? "refused" : "accepted");
  close(busy), close(idle);
}

static int run(int signals, const char *request, int64_t deadline) {
  struct server server = {.work = weir_ctx_with_cancel(weir_ctx_background())};
  weir_chan(char) served = weir_chan_make(char, 0);
  weir_wg clients = {0};
  if (!server_listen(&server)) return perror("listen"), 1;
  weir_wg_go(&clients, client, &server, request, served);
  bool in_time = serve(&server, signals, deadline);
  weir_close(served);
  weir_wg_wait(&clients);
  printf("server: %s\n", in_time ? "all requests finished" : "deadline, the rest stopped");
  weir_chan_free(served);
  weir_ctx_free(server.work);
  return 0;
}

int main(void) {
  sigset_t term;
  sigemptyset(&term), sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, NULL);
  int signals = signalfd(-1, &term, SFD_NONBLOCK | SFD_CLOEXEC);
  if (signals < 0) return perror("signalfd"), 1;
  int err = run(signals, "20\n", WEIR_S(60));
  if (!err) err = run(signals, "3600000\n", WEIR_MS(20));
  close(signals);
  return err;
}

// Output:
// client: begun
// client: done
// client: connections ended, another refused
// server: all requests finished
// client: begun
// client: stopped
// client: connections ended, another refused
// server: deadline, the rest stopped
