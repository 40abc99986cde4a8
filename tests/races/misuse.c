// SPDX-License-Identifier: Apache-2.0
//
// Calls that do not go together unless something orders them, and all that may order them: the
// synchronisation of Weir, C11 atomics, pthread.
//
// REPORT send_close: send close race
// REPORT select_close: send close race
// REPORT try_close: send close race
// REPORT send_free: channel free race
// REPORT receive_free: channel free race
// REPORT close_free: channel free race
// REPORT add_wait: wait group race
// REPORT wait_add: wait group race
// REPORT next_round: wait group race
// REPORT unlock_other: unlock by other
// REPORT unlock_writer: unlock by other
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

#include <pthread.h>
#include <stdatomic.h>

static weir_chan(int) ch;
static weir_chan(char) told;
static weir_wg wg;
static weir_mutex mu;
static weir_rwmutex rw;
static atomic_int flag;
static pthread_mutex_t pmu = PTHREAD_MUTEX_INITIALIZER;

static void make(int capacity) {
  ch = weir_chan_make(int, capacity);
  told = weir_chan_make(char, 1);
}

// The other goroutine has done its part: in time, and with an edge if it tells.
HIDDEN static void part_done(void) {
  hidden_post();
}
static void tell(void) {
  weir_send(told, 1);
  part_done();
}
static void hear(bool really) {
  hidden_wait(1);
  if (really) weir_recv(told, NULL);
}

// --- a send beside a close -----------------------------------------------------------------------
static void send_close(bool ordered) {
  make(1);
  weir_go_block(^{
    weir_send(ch, 1); // RACE: send_close
    tell();
  });
  hear(ordered);
  weir_close(ch); // RACE: send_close
}
static void send_close_racy(void) {
  send_close(false);
}
static void send_close_quiet(void) {
  send_close(true);
}

// Offered, and not taken. Ordered by an atomic.
static void select_close(bool ordered) {
  make(0);
  weir_go_block(^{
    weir_select(weir_on_send(ch, 1), weir_on_default()); // RACE: select_close
    atomic_store_explicit(&flag, 1, memory_order_release);
    part_done();
  });
  hidden_wait(1);
  while (ordered && !atomic_load_explicit(&flag, memory_order_acquire)) {
  }
  weir_close(ch); // RACE: select_close
}
static void select_close_racy(void) {
  select_close(false);
}
static void select_close_quiet(void) {
  select_close(true);
}

// Tried without success. Ordered by a lock of pthread.
static void try_close(bool ordered) {
  make(0);
  weir_go_block(^{
    weir_try_send(ch, 1); // RACE: try_close
    pthread_mutex_lock(&pmu);
    pthread_mutex_unlock(&pmu);
    part_done();
  });
  hidden_wait(1);
  if (ordered) {
    pthread_mutex_lock(&pmu);
    pthread_mutex_unlock(&pmu);
  }
  weir_close(ch); // RACE: try_close
}
static void try_close_racy(void) {
  try_close(false);
}
static void try_close_quiet(void) {
  try_close(true);
}

// --- a use beside a free -------------------------------------------------------------------------
// The receive of the element is enough.
static void send_free(bool ordered) {
  make(1);
  weir_go_block(^{
    weir_send(ch, 1); // RACE: send_free
    part_done();
  });
  hidden_wait(1);
  if (ordered) weir_recv(ch, NULL);
  weir_chan_free(ch); // RACE: send_free
}
static void send_free_racy(void) {
  send_free(false);
}
static void send_free_quiet(void) {
  send_free(true);
}

static void receive_free(bool ordered) {
  make(1);
  weir_send(ch, 1);
  weir_go_block(^{
    weir_recv(ch, NULL); // RACE: receive_free
    tell();
  });
  hear(ordered);
  weir_chan_free(ch); // RACE: receive_free
}
static void receive_free_racy(void) {
  receive_free(false);
}
static void receive_free_quiet(void) {
  receive_free(true);
}

// Who has found the end may free it.
static void close_free(bool ordered) {
  make(1);
  weir_go_block(^{
    weir_close(ch); // RACE: close_free
    part_done();
  });
  hidden_wait(1);
  if (ordered) MUST(!weir_recv(ch, NULL));
  weir_chan_free(ch); // RACE: close_free
}
static void close_free_racy(void) {
  close_free(false);
}
static void close_free_quiet(void) {
  close_free(true);
}

// --- an add from zero beside a wait --------------------------------------------------------------
static void add_wait(bool ordered) {
  make(0);
  weir_go_block(^{
    weir_wg_add(&wg, 1); // RACE: add_wait
    tell();
    weir_wg_done(&wg);
  });
  hear(ordered);
  weir_wg_wait(&wg); // RACE: add_wait
}
static void add_wait_racy(void) {
  add_wait(false);
}
static void add_wait_quiet(void) {
  add_wait(true);
}

// Two waits go together; an add while it is above zero goes with any wait.
static void wait_add(bool from_zero) {
  make(0);
  if (!from_zero) weir_wg_add(&wg, 1);
  for (int i = 0; i < 2; i++)
    weir_go_block(^{
      hidden_post();
      if (i == 0 || !from_zero) weir_wg_wait(&wg); // RACE: wait_add
      hidden_post();
    });
  hidden_wait(from_zero ? 4 : 2);
  weir_go_block(^{
    weir_wg_add(&wg, 1); // RACE: wait_add
    weir_wg_done(&wg);
    hidden_post();
  });
  hidden_wait(from_zero ? 5 : 3);
  if (!from_zero) weir_wg_done(&wg);
  hidden_wait(5);
}
static void wait_add_racy(void) {
  wait_add(true);
}
static void wait_add_quiet(void) {
  wait_add(false);
}

static void next_round(bool both_returned) {
  make(0);
  weir_wg_add(&wg, 1);
  weir_go_block(^{
    weir_wg_wait(&wg); // RACE: next_round
    tell();
  });
  weir_wg_done(&wg);
  hear(both_returned);
  weir_wg_add(&wg, 1); // RACE: next_round
  weir_wg_done(&wg);
  weir_wg_wait(&wg);
}
static void next_round_racy(void) {
  next_round(false);
}
static void next_round_quiet(void) {
  next_round(true);
}

// --- an unlock by another ------------------------------------------------------------------------
// Many have locked it before; only the last lock counts.
static void unlock_other(bool ordered) {
  make(0);
  for (int i = 0; i < 3; i++) {
    weir_go_block(^{
      weir_mutex_lock(&mu);
      weir_mutex_unlock(&mu);
      part_done();
    });
    hidden_wait(i + 1);
  }
  weir_go_block(^{
    weir_mutex_lock(&mu); // RACE: unlock_other
    tell();
  });
  hidden_wait(4);
  hear(ordered);
  weir_mutex_unlock(&mu); // RACE: unlock_other
  weir_mutex_lock(&mu);
  weir_mutex_unlock(&mu);
}
static void unlock_other_racy(void) {
  unlock_other(false);
}
static void unlock_other_quiet(void) {
  unlock_other(true);
}

static void unlock_writer(bool ordered) {
  make(0);
  weir_go_block(^{
    weir_rwmutex_lock(&rw); // RACE: unlock_writer
    tell();
  });
  hear(ordered);
  weir_rwmutex_unlock(&rw); // RACE: unlock_writer
}
static void unlock_writer_racy(void) {
  unlock_writer(false);
}
static void unlock_writer_quiet(void) {
  unlock_writer(true);
}

CASES(CASE(send_close), CASE(select_close), CASE(try_close), CASE(send_free), CASE(receive_free),
      CASE(close_free), CASE(add_wait), CASE(wait_add), CASE(next_round), CASE(unlock_other),
      CASE(unlock_writer))
