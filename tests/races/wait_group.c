// SPDX-License-Identifier: Apache-2.0
//
// What a wait group orders: every done is before the waits that it lets go on. An add is before
// nothing, and neither adds nor dones are ordered with each other.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

enum { N = 3 };

static weir_wg wg;
static int data[N];

static void write_at(int turn, bool own) {
  hidden_wait(turn);
  data[own ? turn : 0] = turn; // RACE: done_to_done
  weir_wg_done(&wg);
  hidden_post();
}
static void several(bool own) {
  weir_wg_add(&wg, 2);
  for (int i = 0; i < 2; i++)
    weir_go(write_at, i, own);
  weir_wg_wait(&wg);
}
static void done_to_done_racy(void) {
  several(false);
}
static void done_to_done_quiet(void) {
  several(true);
}

// A wait is ordered after what came before done, not after what came after it.
static void waited(bool before) {
  weir_wg_add(&wg, 1);
  weir_go_block(^{
    if (before) x = 1;
    weir_wg_done(&wg);
    if (!before) x = 1; // RACE: done_to_wait
    hidden_post();
  });
  weir_wg_wait(&wg);
  hidden_wait(1);
  x = 2; // RACE: done_to_wait
}
static void done_to_wait_racy(void) {
  waited(false);
}
static void done_to_wait_quiet(void) {
  waited(true);
}

// It is no mutex.
static weir_mutex mu;
static void as_mutex(bool real, int turn) {
  hidden_wait(turn);
  weir_wg_wait(&wg);
  if (real) weir_mutex_lock(&mu);
  weir_wg_add(&wg, 1);
  x = turn; // RACE: as_mutex
  if (real) weir_mutex_unlock(&mu);
  hidden_post();
}
static void one_after_the_other(bool real) {
  weir_go_block(^{
    as_mutex(real, 0);
    hidden_wait(2);
    weir_wg_done(&wg);
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(1);
    if (real) weir_mutex_lock(&mu);
    weir_wg_add(&wg, 1);
    x = 2; // RACE: as_mutex
    if (real) weir_mutex_unlock(&mu);
    weir_wg_done(&wg);
    hidden_post();
  });
  hidden_wait(3);
}
static void as_mutex_racy(void) {
  one_after_the_other(false);
}
static void as_mutex_quiet(void) {
  one_after_the_other(true);
}

// An add that comes too late: the wait has not waited.
// REPORT late_add: wait group race
static void too_late(bool late) {
  if (!late) weir_wg_add(&wg, 1);
  weir_go_block(^{
    if (late) hidden_wait(1);
    if (late) weir_wg_add(&wg, 1); // RACE: late_add
    if (!late) x = 1;
    weir_wg_done(&wg);
    hidden_post();
  });
  weir_wg_wait(&wg); // RACE: late_add
  hidden_post();
  hidden_wait(2);
  x = 2;
}
static void late_add_racy(void) {
  too_late(true);
}
static void late_add_quiet(void) {
  too_late(false);
}

// Everybody who waits is ordered after every done.
static void look(int turn, bool wait) {
  if (wait) weir_wg_wait(&wg);
  hidden_wait(N + turn);
  use(data[1]); // RACE: several_waiters
  hidden_post();
}
static void several_waiters(bool wait) {
  weir_wg_add(&wg, N);
  for (int i = 0; i < N; i++)
    weir_go_block(^{
      hidden_wait(i);
      data[i] = 42; // RACE: several_waiters
      hidden_post();
      weir_wg_done(&wg);
    });
  weir_go(look, 0, true);
  weir_go(look, 1, wait);
  weir_wg_wait(&wg);
  hidden_wait(N + 2);
}
static void several_waiters_racy(void) {
  several_waiters(false);
}
static void several_waiters_quiet(void) {
  several_waiters(true);
}

// Not only the done that brought the counter to zero counts.
static void first_done(bool before) {
  weir_wg_add(&wg, 2);
  weir_go_block(^{
    if (before) x = 42;
    weir_wg_done(&wg);
    if (!before) x = 42; // RACE: every_done
    hidden_post();
  });
  weir_go_block(^{
    hidden_wait(1);
    y = 42;
    weir_wg_done(&wg);
  });
  weir_wg_wait(&wg);
  use(y);
  use(x); // RACE: every_done
}
static void every_done_racy(void) {
  first_done(false);
}
static void every_done_quiet(void) {
  first_done(true);
}

// Used again, the second round is ordered after the first by its waits.
static void rounds(bool wait) {
  for (int round = 0; round < 2; round++) {
    weir_wg_add(&wg, 1);
    weir_go_block(^{
      hidden_wait(round);
      data[0]++; // RACE: used_again
      weir_wg_done(&wg);
      hidden_post();
    });
    if (wait) weir_wg_wait(&wg);
  }
  weir_wg_wait(&wg);
  hidden_wait(2);
}
static void used_again_racy(void) {
  rounds(false);
}
static void used_again_quiet(void) {
  rounds(true);
}

// Of two that wait for the same round neither is ordered after what the other does then.
static void two_waiters(bool told) {
  weir_chan(int) done = weir_chan_make(int, 1);
  weir_wg_add(&wg, 1);
  weir_go_block(^{
    data[0]++;
    weir_wg_done(&wg);
  });
  weir_go_block(^{
    weir_wg_wait(&wg);
    data[0]++; // RACE: two_waiters
    weir_send(done, 1);
    hidden_post();
  });
  weir_wg_wait(&wg);
  hidden_wait(1);
  if (told) weir_recv(done, NULL);
  data[0]++; // RACE: two_waiters
}
static void two_waiters_racy(void) {
  two_waiters(false);
}
static void two_waiters_quiet(void) {
  two_waiters(true);
}

// weir_wg_go counts, and done is at the end of the function, also when it leaves by weir_goexit.
static void leave(void) {
  x = 1; // RACE: wg_go
  hidden_post();
  weir_goexit();
}
static void by_go(bool wait) {
  weir_wg_go(&wg, leave);
  hidden_wait(1);
  if (wait) weir_wg_wait(&wg);
  x = 2; // RACE: wg_go
  weir_wg_wait(&wg);
}
static void wg_go_racy(void) {
  by_go(false);
}
static void wg_go_quiet(void) {
  by_go(true);
}

// Goroutines that add for themselves, and tell it before the wait.
static void adds_for_itself(bool told) {
  weir_chan(int) waiting = weir_chan_make(int, 1);
  weir_go_block(^{
    weir_wg_add(&wg, 1);
    x = 1; // RACE: own_add
    if (told) weir_send(waiting, 1);
    weir_wg_done(&wg);
    hidden_post();
  });
  if (told) weir_recv(waiting, NULL);
  if (told) weir_wg_wait(&wg);
  hidden_wait(1);
  x = 2; // RACE: own_add
}
static void own_add_racy(void) {
  adds_for_itself(false);
}
static void own_add_quiet(void) {
  adds_for_itself(true);
}

CASES(CASE(done_to_done), CASE(done_to_wait), CASE(as_mutex), CASE(late_add), CASE(several_waiters),
      CASE(every_done), CASE(used_again), CASE(two_waiters), CASE(wg_go), CASE(own_add))
