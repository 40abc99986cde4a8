// SPDX-License-Identifier: Apache-2.0
//
// client [-c CONNECTIONS] [-r ROUNDS] [-t SECONDS] PORT: opens that many connections to the echo
// server (200), and when all are there sends ROUNDS (3) messages on each, one after the other, and
// checks that the same comes back. Prints how many did. A connection gives up after SECONDS (60).
// Status 1 if anything went wrong, 2 for an error in the command line or a limit that is too low.
//
// Each connection is a goroutine, which connects, waits at the gate until all have, does its
// rounds, and waits until all have done theirs: so all are open at once. Only a few connect at
// the same time, because a queue of the server that overflows costs each of them a second.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <weir/weir.h>

#include "descriptors.h"

enum { CONNECTING = 128, MESSAGE = 32 };

struct load {
  struct sockaddr_in server;
  int rounds;
  int64_t patience;
  weir_sem connecting;
  weir_wg connected, echoed, ended;
  weir_chan(char) gate, end; // closed when all are connected, and when all have done their rounds
  weir_mutex mu;             // guards the rest
  long connections, messages;
  int err; // the first
};

static void count(struct load *l, long connections, long messages, int err) {
  weir_guard(&l->mu);
  l->connections += connections;
  l->messages += messages;
  if (l->err == 0) l->err = err;
}

// A connected descriptor, or -1 and errno.
static int dial(struct load *l) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  weir_sem_acquire(&l->connecting, NULL, 1);
  weir_set_deadline(fd, POLLIN | POLLOUT, weir_now() + l->patience);
  int ok = weir_connect(fd, (const struct sockaddr *)&l->server, sizeof l->server), err = errno;
  weir_sem_release(&l->connecting, 1);
  if (ok == 0) return fd;
  weir_close_fd(fd); // with its deadline, which close(2) would leave to the next of this number
  errno = err;
  return -1;
}

static bool read_all(int fd, char *to, size_t n) {
  for (ssize_t got; n > 0; to += got, n -= (size_t)got)
    if ((got = weir_read(fd, to, n)) <= 0) return false;
  return true;
}

// Sends and receives `rounds` messages, no two of them alike. How many came back as they were.
static int echo(int fd, int number, int rounds) {
  char sent[MESSAGE], got[MESSAGE];
  for (int i = 0; i < rounds; i++) {
    memset(sent, '.', MESSAGE);
    snprintf(sent, MESSAGE, "%d/%d", number, i);
    if (weir_write(fd, sent, MESSAGE) < 0 || !read_all(fd, got, MESSAGE) ||
        memcmp(sent, got, MESSAGE) != 0)
      return i;
  }
  return rounds;
}

static void connection(struct load *l, int number) {
  int fd = dial(l);
  count(l, fd >= 0, 0, fd < 0 ? errno : 0);
  weir_wg_done(&l->connected);
  weir_recv(l->gate, NULL);
  if (fd >= 0) {
    errno = 0;
    int n = echo(fd, number, l->rounds);
    count(l, 0, n, n == l->rounds ? 0 : errno ? errno : EPROTO);
  }
  weir_wg_done(&l->echoed);
  weir_recv(l->end, NULL);
  if (fd >= 0) weir_close_fd(fd);
}

static void run(struct load *l, int connections) {
  weir_sem_init(&l->connecting, CONNECTING);
  l->gate = weir_chan_make(char, 0), l->end = weir_chan_make(char, 0);
  weir_wg_add(&l->connected, connections), weir_wg_add(&l->echoed, connections);
  for (int i = 0; i < connections; i++)
    weir_wg_go(&l->ended, connection, l, i);
  weir_wg_wait(&l->connected);
  weir_close(l->gate);
  weir_wg_wait(&l->echoed);
  weir_close(l->end);
  weir_wg_wait(&l->ended);
  weir_chan_free(l->gate), weir_chan_free(l->end);
}

static int usage(void) {
  fprintf(stderr, "usage: client [-c CONNECTIONS] [-r ROUNDS] [-t SECONDS] PORT\n");
  return 2;
}

int main(int argc, char **argv) {
  static struct load l = {.rounds = 3};
  int connections = 200, seconds = 60, opt;
  while ((opt = getopt(argc, argv, "c:r:t:")) != -1)
    switch (opt) {
    case 'c':
      connections = atoi(optarg);
      break;
    case 'r':
      l.rounds = atoi(optarg);
      break;
    case 't':
      seconds = atoi(optarg);
      break;
    default:
      return usage();
    }
  if (optind + 1 != argc || connections < 1 || l.rounds < 0 || seconds < 1) return usage();
  l.patience = WEIR_S(seconds);
  long possible = connections_possible();
  if (connections > possible) {
    fprintf(stderr,
            "client: %d connections are too many: the hard limit of open files (ulimit -Hn) allows "
            "%ld\n",
            connections, possible);
    return 2;
  }
  l.server =
      (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[optind]))};
  l.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

  run(&l, connections);
  printf("%ld connections at once, %ld messages echoed\n", l.connections, l.messages);
  if (l.err) fprintf(stderr, "client: %s\n", strerror(l.err));
  return l.err != 0;
}
