// SPDX-License-Identifier: Apache-2.0
// weir_lock_os_thread: the goroutine stays on its thread and is alone there; calls nest; a
// goroutine that ends locked takes its thread with it; locked, main is on the main thread.
// RUN: %weircc_plain %s -o %t
// RUN: env WEIR_OPTIONS=procs=1 %t
// RUN: env WEIR_OPTIONS=procs=2 %t
// RUN: env WEIR_OPTIONS=procs=4 %t
// RUN: %weircc %s -o %t.i && env WEIR_OPTIONS=procs=2 %t.i
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>

#include "check.h"

enum { LOCKED = 6, OTHERS = 20, ROUNDS = 50 };
static _Atomic int owner_of[1 << 22]; // thread id -> 1 while a goroutine has it locked

static void is_not_anothers(void) {
  CHECK_EQ(owner_of[gettid() % (1 << 22)], 0);
}

static void wanders(weir_chan(int) ch, weir_wg *wg) {
  for (int i = 0; i < ROUNDS; i++) {
    is_not_anothers();
    if (i % 2)
      weir_send(ch, i);
    else
      weir_yield();
  }
  weir_wg_done(wg);
}

static void stays(weir_chan(int) feed, weir_wg *wg, bool unlocks) {
  weir_lock_os_thread();
  int tid = gettid();
  CHECK(tid != getpid());
  is_not_anothers();
  owner_of[tid % (1 << 22)] = 1;
  for (int i = 0; i < ROUNDS; i++) {
    if (i % 3 == 0)
      weir_yield();
    else if (i % 3 == 1)
      weir_recv(feed, NULL);
    else
      weir_sleep(WEIR_US(10));
    CHECK_EQ(gettid(), tid);
  }
  weir_lock_os_thread();
  weir_unlock_os_thread();
  weir_yield();
  CHECK_EQ(gettid(), tid);
  owner_of[tid % (1 << 22)] = 0;
  if (unlocks) weir_unlock_os_thread();
  weir_wg_done(wg);
}

static void drains(weir_chan(int) ch) {
  while (weir_recv(ch, NULL)) {
  }
}
static void feeds(weir_chan(int) ch, weir_wg *wg) {
  for (int i = 0; i < LOCKED * (ROUNDS / 3 + 1); i++)
    weir_send(ch, i);
  weir_wg_done(wg);
}

static void alone_there(bool unlocks) {
  weir_wg wg = {0};
  weir_chan(int) ch = weir_chan_make(int, 0), feed = weir_chan_make(int, 0);
  weir_wg_add(&wg, LOCKED + OTHERS + 1);
  for (int i = 0; i < LOCKED; i++)
    weir_go(stays, feed, &wg, unlocks);
  for (int i = 0; i < OTHERS; i++)
    weir_go(wanders, ch, &wg);
  weir_go(feeds, feed, &wg);
  weir_go(drains, ch);
  weir_wg_wait(&wg);
  weir_close(ch);
}

static void locked_until_end(int *tid, weir_chan(int) out) {
  weir_lock_os_thread();
  *tid = gettid();
  weir_send(out, 1);
}

static void thread_ends(void) {
  int tid = 0;
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_go(locked_until_end, &tid, out);
  weir_recv(out, NULL);
  while (tgkill(getpid(), tid, 0) == 0) // it ends after its goroutine
    weir_sleep(WEIR_MS(1));
  CHECK_EQ(errno, ESRCH);
}

static void notes_thread(int *tid, weir_wg *wg) {
  *tid = gettid();
  weir_wg_done(wg);
}

static void main_alone(void) {
  weir_lock_os_thread();
  CHECK_EQ(gettid(), getpid());
  for (int i = 0; i < ROUNDS; i++) {
    int tid = 0;
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(notes_thread, &tid, &wg);
    weir_wg_wait(&wg);
    CHECK(tid != getpid());
    CHECK_EQ(gettid(), getpid());
  }
  weir_unlock_os_thread();
  weir_unlock_os_thread(); // one too many: nothing happens
}

static void note(int *tid) {
  *tid = gettid();
}
static void blocks_in_place(weir_wg *wg) {
  int tid = 0;
  weir_lock_os_thread();
  weir_blocking(note, &tid);
  CHECK_EQ(tid, gettid());
  weir_unlock_os_thread();
  weir_wg_done(wg);
}

int main(void) {
  alone_there(true);
  alone_there(false); // each takes its thread along
  thread_ends();
  main_alone();
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(blocks_in_place, &wg);
  weir_wg_wait(&wg);
  main_alone();
  return 0;
}
