// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in write_then_write write_then_read read_then_write handed_over new_lock once \
// RUN:   once_waited once_left signal broadcast release release_waited freed_by_holder; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in read_then_read first_readers failed_try failed_tryrlock late_caller \
// RUN:   two_signals signal_to_nobody two_acquires failed_sem wait_group_first_add; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// As edges.c, for rwmutex, once, condition variable and semaphore: in the first list the write of x
// is ordered before the read, in the second it is not, though every run does one after
// the other. One worker, no preemption.
#include <stdlib.h>

#include "edges.h"

static weir_rwmutex rw;
static weir_once once_;
static weir_cond cond;
static weir_sem sem = WEIR_SEM(2);

// --- rwmutex
static void write_locked(void) {
  weir_guard(&rw);
  write_x();
  reach(1);
}
static void write_rlocked(void) {
  weir_rguard(&rw);
  write_x();
  reach(1);
}
static void write_then_write(void) {
  weir_go(write_locked);
  await(1);
  weir_rwmutex_lock(&rw);
  read_x();
  weir_rwmutex_unlock(&rw);
  reach(0);
  weir_go(write_locked);
  await(1);
  CHECK(weir_rwmutex_trylock(&rw));
  read_x();
}
static void write_then_read(void) {
  weir_go(write_locked);
  await(1);
  weir_rwmutex_rlock(&rw);
  read_x();
  weir_rwmutex_runlock(&rw);
  reach(0);
  weir_go(write_locked);
  await(1);
  CHECK(weir_rwmutex_tryrlock(&rw));
  read_x();
}
static void read_then_write(void) {
  for (int i = 0; i < 2; i++) {
    reach(0);
    weir_go(write_rlocked);
    await(1);
    if (i)
      CHECK(weir_rwmutex_trylock(&rw));
    else
      weir_rwmutex_lock(&rw);
    read_x();
    weir_rwmutex_unlock(&rw);
  }
}
static void lock_read_x(bool read) {
  if (read)
    weir_rwmutex_rlock(&rw);
  else
    weir_rwmutex_lock(&rw);
  read_x();
  if (read)
    weir_rwmutex_runlock(&rw);
  else
    weir_rwmutex_unlock(&rw);
  reach(1);
}
static void
handed_over(void) { // to one that waits: writer to reader, and to writer; reader to writer
  for (int i = 0; i < 3; i++) {
    reach(0);
    if (i == 2)
      weir_rwmutex_rlock(&rw);
    else
      weir_rwmutex_lock(&rw);
    weir_go(lock_read_x, i == 0);
    let_others_park();
    write_x();
    if (i == 2)
      weir_rwmutex_runlock(&rw);
    else
      weir_rwmutex_unlock(&rw);
    await(1);
  }
}
static void read_then_read(void) {
  weir_rwmutex_lock(&rw); // used before
  weir_rwmutex_unlock(&rw);
  weir_go(write_rlocked);
  await(1);
  weir_rwmutex_rlock(&rw);
  read_x();
}
static void first_readers(void) { // the first use of all makes no edge either
  weir_go(write_rlocked);
  await(1);
  weir_rwmutex_rlock(&rw);
  read_x();
}
static void hold(void) {
  weir_rwmutex_lock(&rw);
  write_x();
  reach(1);
  await(2);
  weir_rwmutex_unlock(&rw);
}
static void failed_try(void) {
  weir_go(hold);
  await(1);
  CHECK(!weir_rwmutex_trylock(&rw));
  read_x();
  reach(2);
}
static void failed_tryrlock(void) {
  weir_go(hold);
  await(1);
  CHECK(!weir_rwmutex_tryrlock(&rw));
  read_x();
  reach(2);
}
static char memory[64] __attribute__((aligned(64)));
static void lock_in_memory(void) {
  weir_rwmutex *m = (weir_rwmutex *)memory;
  memset(m, 0, sizeof *m);
  weir_rwmutex_lock(m);
  weir_rwmutex_unlock(m);
  weir_rwmutex_rlock(m);
  weir_rwmutex_runlock(m);
}
static void new_lock(void) { // in memory that another was in: silent, whatever that one carried
  lock_in_memory();
  lock_in_memory();
}

struct box {
  weir_mutex mu;
  weir_rwmutex rw;
};
static void use_box(struct box *b) {
  weir_mutex_lock(&b->mu);
  weir_rwmutex_rlock(&b->rw);
  reach(1);
  await(2);
  weir_rwmutex_runlock(&b->rw);
  weir_mutex_unlock(&b->mu);
}
static void freed_by_holder(void) { // who has locked it last may free it
  struct box *b = calloc(1, sizeof *b);
  weir_go(use_box, b);
  await(1);
  reach(2);
  weir_rwmutex_lock(&b->rw);
  weir_rwmutex_unlock(&b->rw);
  weir_mutex_lock(&b->mu);
  weir_mutex_unlock(&b->mu);
  free(b);
}

// --- once
static void init(void) {
  write_x();
  reach(1);
  let_others_park();
}
static void init_and_leave(void) {
  write_x();
  reach(1);
  weir_goexit();
}
static void call_once(void (*fn)(void)) {
  weir_once_do(&once_, fn);
  reach(2);
}
static void once(void) {
  weir_go(call_once, init);
  await(2);
  weir_once_do(&once_, abort);
  read_x();
}
static void once_waited(void) {
  weir_go(call_once, init);
  await(1);
  weir_once_do(&once_, abort);
  read_x();
}
static void once_left(void) {
  weir_go(call_once, init_and_leave);
  await(1);
  weir_once_do(&once_, abort);
  read_x();
}
static void nothing(void) {}
static void write_call(void) {
  write_x();
  weir_once_do(&once_, abort);
  reach(1);
}
static void late_caller(void) { // a call that finds it done is before nothing
  weir_once_do(&once_, nothing);
  weir_go(write_call);
  await(1);
  weir_once_do(&once_, abort);
  read_x();
}

// --- condition variable. Each waits with a lock of its own, so that only the signal can make an
// edge.
static void wait_as(int step, bool reads) {
  weir_mutex own = {0};
  weir_mutex_lock(&own);
  weir_cond_wait(&cond, &own);
  if (reads) read_x();
  weir_mutex_unlock(&own);
  reach(step);
}
static void write_signal(void) {
  write_x();
  weir_cond_signal(&cond);
}
static void signal(void) {
  weir_go(wait_as, 1, true);
  let_others_park();
  weir_go(write_signal);
  await(1);
}
static void broadcast(void) {
  weir_go(wait_as, 1, true);
  weir_go(wait_as, 1, true);
  let_others_park();
  write_x();
  weir_cond_broadcast(&cond);
  await(1);
  let_others_park();
}
static void two_signals(void) { // the wait that another signal ended
  weir_go(wait_as, 1, false);
  let_others_park();
  weir_go(wait_as, 2, true);
  let_others_park();
  weir_go(write_signal);
  await(1);
  weir_cond_signal(&cond);
  await(2);
}
static void signal_to_nobody(void) {
  weir_go(write_signal);
  let_others_park();
  weir_go(wait_as, 1, true);
  let_others_park();
  weir_cond_signal(&cond);
  await(1);
}

// --- semaphore
static void take_write_give(void) {
  weir_sem_acquire(&sem, NULL, 2);
  reach(1);
  let_others_park();
  write_x();
  weir_sem_release(&sem, 2);
  reach(2);
}
static void release(void) {
  for (int i = 0; i < 2; i++) {
    reach(0);
    weir_go(take_write_give);
    await(2);
    CHECK(i ? weir_sem_try(&sem, 1) : !weir_sem_acquire(&sem, NULL, 1));
    read_x();
    weir_sem_release(&sem, 1);
  }
}
static void release_waited(void) {
  weir_go(take_write_give);
  await(1);
  CHECK_EQ(weir_sem_acquire(&sem, NULL, 1), 0);
  read_x();
}
static void write_take(void) {
  write_x();
  weir_sem_acquire(&sem, NULL, 1);
  reach(1);
}
static void two_acquires(void) {
  weir_go(write_take);
  await(1);
  CHECK_EQ(weir_sem_acquire(&sem, NULL, 1), 0);
  read_x();
}
static void take_write_give_one(void) {
  weir_sem_acquire(&sem, NULL, 2);
  write_x();
  weir_sem_release(&sem, 1);
  reach(1);
}
static void failed_sem(void) {
  weir_go(take_write_give_one);
  await(1);
  CHECK(!weir_sem_try(&sem, 2));
  read_x();
}

// --- wait group
static weir_wg wg;
static void write_add(void) {
  write_x();
  weir_wg_add(&wg, 1);
  reach(1);
}
static void wait_group_first_add(void) {
  weir_go(write_add);
  await(1);
  weir_wg_done(&wg);
  weir_wg_wait(&wg);
  read_x();
}

EDGE_CASES(CASE(write_then_write), CASE(write_then_read), CASE(read_then_write), CASE(handed_over),
           CASE(new_lock), CASE(freed_by_holder), CASE(once), CASE(once_waited), CASE(once_left),
           CASE(signal), CASE(broadcast), CASE(release), CASE(release_waited), CASE(read_then_read),
           CASE(first_readers), CASE(failed_try), CASE(failed_tryrlock), CASE(late_caller),
           CASE(two_signals), CASE(signal_to_nobody), CASE(two_acquires), CASE(failed_sem),
           CASE(wait_group_first_add))
