// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i
//
// Who reads the poller's events. An idle worker does; then the goroutine it wakes keeps it
// busy until the next event, which somebody else has to read; one that yields in a loop keeps its
// worker from it; the reader loses its right to run; it is the only one there is for other work.
// If nobody else ever read, the first would hang. (Of the others the monitor makes
// up for much, as a worker that does not come back has its right taken.)
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "check.h"

enum { ROUNDS = 200 };

static void open_pipe(int fds[2]) {
  CHECK(pipe2(fds, O_NONBLOCK) == 0);
}
static void close_pipe(int fds[2]) {
  CHECK(weir_close_fd(fds[0]) == 0 && weir_close_fd(fds[1]) == 0);
}
static void read_one(int fd) {
  char c;
  CHECK_EQ(weir_read(fd, &c, 1), 1);
}

// The first event's goroutine writes what the second event is, and then computes until that one's
// goroutine has run.
static void busy_until(int in, int out, atomic_int *seen, weir_wg *wg) {
  read_one(in);
  CHECK_EQ(write(out, "x", 1), 1);
  while (!atomic_load(seen))
    ;
  weir_wg_done(wg);
}
static void note(int in, atomic_int *seen, weir_wg *wg) {
  read_one(in);
  atomic_store(seen, 1);
  weir_wg_done(wg);
}

static void reader_is_busy(void) {
  for (int i = 0; i < 20; i++) {
    int a[2], b[2];
    atomic_int seen = 0;
    weir_wg wg = {0};
    open_pipe(a), open_pipe(b);
    weir_wg_add(&wg, 2);
    weir_go(busy_until, a[0], b[1], &seen, &wg);
    weir_go(note, b[0], &seen, &wg);
    weir_yield();
    CHECK_EQ(weir_write(a[1], "x", 1), 1);
    weir_wg_wait(&wg);
    close_pipe(a), close_pipe(b);
  }
}

static void yields(void) {
  int fds[2];
  atomic_int seen = 0;
  weir_wg wg = {0};
  open_pipe(fds);
  for (int i = 0; i < ROUNDS; i++) {
    weir_wg_add(&wg, 1);
    atomic_store(&seen, 0);
    weir_go(note, fds[0], &seen, &wg);
    weir_yield();
    CHECK_EQ(weir_write(fds[1], "x", 1), 1);
    while (!atomic_load(&seen))
      weir_yield();
    weir_wg_wait(&wg);
  }
  close_pipe(fds);
}

struct channels {
  weir_chan(int) to, from;
};
static void answer(struct channels *c) {
  for (int v; weir_recv(c->to, &v);)
    weir_send(c->from, v);
}

// A thread that is no worker writes to a pipe and to a channel in turn: all workers are idle each
// time, and one of them reads events.
static void *outside(void *arg) {
  struct channels *c = arg;
  for (int i = 0, v; i < ROUNDS; i++) {
    weir_send(c->to, i);
    CHECK(weir_recv(c->from, &v) && v == i);
  }
  weir_close(c->to);
  return NULL;
}
static void interrupted(void) {
  int fds[2];
  pthread_t t;
  atomic_int seen = 0;
  weir_wg wg = {0};
  struct channels c = {weir_chan_make(int, 0), weir_chan_make(int, 0)};
  open_pipe(fds);
  weir_wg_add(&wg, 1);
  weir_go(note, fds[0], &seen, &wg);
  CHECK(pthread_create(&t, NULL, outside, &c) == 0);
  answer(&c);
  CHECK(pthread_join(t, NULL) == 0);
  CHECK_EQ(weir_write(fds[1], "x", 1), 1);
  weir_wg_wait(&wg);
  weir_chan_free(c.to), weir_chan_free(c.from);
  close_pipe(fds);
}

static void echo(int in, int out) {
  char c;
  while (weir_read(in, &c, 1) == 1 && c != 'q')
    CHECK_EQ(weir_write(out, &c, 1), 1);
}

// The number of rights changes while workers wait for events.
static void rights_change(void) {
  int to[2], from[2], procs = weir_set_procs(0);
  char c;
  weir_wg wg = {0};
  open_pipe(to), open_pipe(from);
  weir_wg_go(&wg, echo, to[0], from[1]);
  for (int i = 0; i < ROUNDS; i++) {
    CHECK(weir_set_procs(1 + i % 4) > 0);
    CHECK_EQ(weir_write(to[1], "x", 1), 1);
    CHECK(weir_read(from[0], &c, 1) == 1 && c == 'x');
  }
  CHECK_EQ(weir_write(to[1], "q", 1), 1);
  weir_wg_wait(&wg);
  CHECK(weir_set_procs(procs) > 0);
  close_pipe(to), close_pipe(from);
}

int main(void) {
  if (weir_set_procs(0) > 1) reader_is_busy();
  yields(), interrupted(), rights_change();
  return 0;
}
