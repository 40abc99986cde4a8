// SPDX-License-Identifier: Apache-2.0
// weir_set_procs up and down while goroutines run: never more at once than it says once they have
// switched, all go on, and out of range is refused.
// RUN: %weircc_plain %s -o %t
// RUN: env WEIR_OPTIONS=procs=1 %t 1
// RUN: env WEIR_OPTIONS=procs=4 %t 4
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i 2
#include <errno.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

enum { SPINNERS = 12 };
static _Atomic int at_once, most, switches[SPINNERS];
static _Atomic bool stop;

static void enter(void) {
  int now = ++at_once, seen = most;
  while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now)) {
  }
}

static void runs(int me, weir_wg *wg) {
  while (!stop) {
    enter();
    sched_yield(); // lets another thread in, if there is one too many
    at_once--;
    switches[me]++;
    weir_yield();
  }
  weir_wg_done(wg);
}

// Until every one has come round, on whatever worker it was.
static void let_run(void) {
  int from[SPINNERS];
  for (int i = 0; i < SPINNERS; i++)
    from[i] = switches[i];
  for (int i = 0; i < SPINNERS; i++)
    while (switches[i] - from[i] < 20)
      weir_yield();
}

static void limits_to(int n) {
  CHECK(weir_set_procs(n) >= 1);
  CHECK_EQ(weir_set_procs(0), n);
  for (int i = 0; i < 10; i++) { // a worker that just looks for work may run once more
    let_run();
    most = 0;
    let_run();
    if (most <= n) return;
  }
  CHECK(most <= n);
}

static void two_meet(_Atomic int *there, weir_wg *wg) { // each waits for the other, running
  ++*there;
  while (*there < 2) {
  }
  weir_wg_done(wg);
}

static void reaches_two(void) {
  _Atomic int there = 0;
  weir_wg wg = {0};
  weir_set_procs(2);
  weir_wg_add(&wg, 2);
  weir_go(two_meet, &there, &wg);
  weir_go(two_meet, &there, &wg);
  weir_wg_wait(&wg);
}

static void refuses(int n) {
  int before = weir_set_procs(0);
  errno = 0;
  CHECK_EQ(weir_set_procs(n), -1);
  CHECK_EQ(errno, EINVAL);
  CHECK_EQ(weir_set_procs(0), before);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  CHECK_EQ(weir_set_procs(0), atoi(argv[1]));
  refuses(-1);
  refuses(257);
  refuses(1 << 30);
  weir_wg wg = {0};
  weir_wg_add(&wg, SPINNERS);
  for (int i = 0; i < SPINNERS; i++)
    weir_go(runs, i, &wg);
  static const int steps[] = {1, 2, 1, 4, 3, 1, 8, 2};
  for (int round = 0; round < 3; round++)
    for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++)
      limits_to(steps[i]);
  stop = true;
  weir_wg_wait(&wg);
  weir_set_procs(1);
  reaches_two();
  return 0;
}
