// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t all || exit 1; done
// RUN: not %t deadlock 2>&1 | FileCheck %s && not env WEIR_OPTIONS=procs=1 %t deadlock 2>&1 | FileCheck %s
// RUN: %weircc %s -o %t.i && %t.i all && not %t.i deadlock 2>&1 | FileCheck %s
// CHECK: Weir: deadlock
// CHECK: waiting for a blocking call to return
// CHECK: [blocking call]
//
// weir_blocking keeps the thread of its caller free: with one worker, which is main's thread, calls
// that block are released by main. Arguments, results and errno pass; calls wait for nobody else's
// call; a call is life as long as it runs, and none once it waits in Weir for ever.
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum { MANY = 100 };
static int fds[MANY][2];
static atomic_int inside;

static void read_one(int fd, char *c, ssize_t *got) {
  atomic_fetch_add(&inside, 1);
  *got = read(fd, c, 1);
}
static void reader(int fd, weir_wg *wg) {
  char c = 0;
  ssize_t got = 0;
  weir_blocking(read_one, fd, &c, &got);
  CHECK(got == 1 && c == 'x');
  weir_wg_done(wg);
}
static void all_at_once(void) { // released only when all have begun
  weir_wg wg = {0};
  for (int i = 0; i < MANY; i++) {
    CHECK(pipe(fds[i]) == 0);
    weir_wg_add(&wg, 1);
    weir_go(reader, fds[i][0], &wg);
  }
  while (atomic_load(&inside) < MANY)
    weir_yield();
  for (int i = 0; i < MANY; i++)
    CHECK(write(fds[i][1], "x", 1) == 1);
  weir_wg_wait(&wg);
  for (int i = 0; i < MANY; i++)
    close(fds[i][0]), close(fds[i][1]);
}

static void set_error(int expect, int set, double half, double *twice) {
  CHECK_EQ(errno, expect);
  errno = set;
  *twice = 2 * half;
}
static void passes_values(void) {
  double twice = 0;
  errno = EDOM;
  weir_blocking(set_error, EDOM, ENOTTY, 21.0, &twice);
  CHECK_EQ(errno, ENOTTY);
  CHECK(twice == 42.0);
}

static int threads(void) {
  DIR *dir = opendir("/proc/self/task");
  int n = 0;
  while (readdir(dir))
    n++;
  closedir(dir);
  return n;
}
static void nothing(void) {
}
static void reuses_helpers(void) {
  weir_blocking(nothing);
  int before = threads();
  for (int i = 0; i < 2000; i++)
    weir_blocking(nothing);
  CHECK(threads() <= before + 2); // one that is not quite idle yet may not be counted on
}

static void close_it(weir_chan(int) c) {
  weir_close(c);
}
static void send_many(weir_chan(int) c) {
  for (int i = 0; i < 100; i++)
    weir_send(c, i);
  weir_blocking(close_it, c); // inside a call: at once
}
static void talk(weir_chan(int) c, weir_wg *wg) {
  weir_blocking(send_many, c);
  weir_wg_done(wg);
}
static void uses_channels(void) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(talk, c, &wg);
  int v, sum = 0;
  while (weir_recv(c, &v))
    sum += v;
  CHECK_EQ(sum, 4950);
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

static void note_thread(pthread_t *out) {
  *out = pthread_self();
}
static void *thread(void *arg) {
  pthread_t at;
  weir_blocking(note_thread, &at);
  CHECK(pthread_equal(at, pthread_self()));
  return arg;
}
static void from_a_thread(void) {
  pthread_t t;
  CHECK(pthread_create(&t, NULL, thread, NULL) == 0);
  pthread_join(t, NULL);
  pthread_t at;
  weir_blocking(note_thread, &at);
  CHECK(!pthread_equal(at, pthread_self()));
}

// Longer than the detectors take to look, with everything else at rest.
static void is_life(void) {
  weir_blocking(usleep, 300000);
}

// Whoever has the turn is on a helper, all others wait; the call ends while the monitor looks.
static void take_turns(weir_chan(int) turn, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  int n;
  while (weir_recv(turn, &n)) {
    if (n == 0) {
      weir_close(turn);
      return;
    }
    weir_blocking(usleep, n % 50);
    weir_send(turn, n - 1);
  }
}
static void never_at_rest(void) {
  weir_chan(int) turn = weir_chan_make(int, 1);
  weir_wg wg = {0};
  weir_wg_add(&wg, 3);
  for (int i = 0; i < 3; i++)
    weir_go(take_turns, turn, &wg);
  weir_send(turn, 3000);
  weir_wg_wait(&wg);
  weir_chan_free(turn);
}

static void wait_for_ever(weir_chan(int) c) {
  weir_recv(c, NULL);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  if (!strcmp(argv[1], "deadlock")) weir_blocking(wait_for_ever, weir_chan_make(int, 0));
  all_at_once();
  passes_values();
  reuses_helpers();
  uses_channels();
  from_a_thread();
  is_life();
  never_at_rest();
}
