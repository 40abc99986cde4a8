// SPDX-License-Identifier: Apache-2.0
//
// A signal from outside reaches the program's handler while all goroutines wait (in a channel, for
// a descriptor), while some never rest, and on a thread that waits in a channel: also in a
// program checked for races, where ThreadSanitizer keeps it back at first.
// RUN: %weircc_plain -O1 %s -o %t
// RUN: for n in 1 2; do for w in chan fd busy thread; do \
// RUN:   WEIR_OPTIONS=procs=$n %t $w || exit 1; done; done
// RUN: %weircc -O1 %s -o %t.races
// RUN: for n in 1 2; do for w in chan fd busy thread; do \
// RUN:   WEIR_OPTIONS=procs=$n %t.races $w || exit 1; done; done
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static int pipe_fds[2];

static void on_signal(int sig) {
  char c = (char)sig;
  CHECK(write(pipe_fds[1], &c, 1) == 1);
}
static void read_one(weir_chan(char) out) {
  char c = 0;
  CHECK(weir_read(pipe_fds[0], &c, 1) == 1);
  weir_send(out, c);
}
static void never_rests(void) {
  weir_expect_blocked();
  for (;;)
    weir_yield();
}
static void *waits(void *never) {
  weir_expect_blocked();
  weir_recv((weir_chan(char))never, NULL);
  return NULL;
}
static void send_from_outside(void) {
  char *const argv[] = {"sh", "-c", "kill -USR1 $PPID", NULL};
  pid_t child;
  CHECK(posix_spawn(&child, "/bin/sh", NULL, NULL, argv, environ) == 0);
}
// The only thread that takes the signal is one that waits in a channel.
static void on_a_thread(void) {
  sigset_t usr1;
  pthread_t thread;
  weir_chan(char) never = weir_chan_make(char, 0);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  CHECK(pthread_create(&thread, NULL, waits, (void *)never) == 0);
  pthread_sigmask(SIG_BLOCK, &usr1, NULL);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  alarm(30); // ends a program that waits for ever
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  CHECK(pipe2(pipe_fds, O_NONBLOCK) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
  weir_chan(char) out = weir_chan_make(char, 0);
  if (!strcmp(argv[1], "busy")) weir_go(never_rests);
  if (!strcmp(argv[1], "thread")) on_a_thread();
  char c = 0;
  if (!strcmp(argv[1], "fd")) {
    send_from_outside();
    CHECK(weir_read(pipe_fds[0], &c, 1) == 1);
  } else {
    weir_go(read_one, out);
    send_from_outside();
    weir_recv(out, &c);
  }
  CHECK_EQ(c, SIGUSR1);
  return 0;
}
