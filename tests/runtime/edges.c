// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in buffered handoff slot_reuse unbuffered unbuffered_back close close_select \
// RUN:   semaphore parked_start_to_next_send parked_sender_to_receiver select timer cancel \
// RUN:   mutex wait_group tries; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in two_sends send_to_send parked_receiver_to_sender two_receives other_sender \
// RUN:   room_left close_not_reached two_timers select_loser \
// RUN:   failed_trylock wait_group_add; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// Exactly the edges of the Go memory model. Each case writes `x` in one goroutine and
// reads it in another; the first list is ordered and must be silent, the second is not,
// though every run does the accesses one after the other, and must be reported. One
// worker, no preemption: when another goroutine runs, the one before is parked.
#include "edges.h"

static weir_chan(int) c;

static void make(int cap) {
  c = weir_chan_make(int, cap);
}

static void write_send(void) {
  write_x();
  reach(1);
  weir_send(c, 1);
  reach(2);
}
static void write_recv(void) {
  write_x();
  reach(1);
  weir_recv(c, NULL);
  reach(2);
}
static void send_one(void) {
  reach(1);
  weir_send(c, 2);
  reach(2);
}

// --- ordered
static void buffered(void) {
  make(2);
  weir_go(write_send);
  await(2);
  weir_recv(c, NULL);
  read_x();
}
static void recv_read(void) {
  reach(1);
  weir_recv(c, NULL);
  read_x();
  reach(2);
}
static void handoff(void) { // to a receiver that waits on a buffered channel
  make(1);
  weir_go(recv_read);
  await(1);
  write_x();
  weir_send(c, 1);
  await(2);
}
static void send_read(void) {
  reach(1);
  weir_send(c, 3);
  read_x();
  reach(2);
}
static void slot_reuse(void) { // k-th receive -> (k+C)-th send, which waited
  make(1);
  weir_send(c, 1);
  weir_go(send_read);
  await(1);
  write_x();
  weir_recv(c, NULL);
  await(2);
}
static void unbuffered(void) {
  make(0);
  weir_go(write_send); // waits
  await(1);
  weir_recv(c, NULL);
  read_x();
  reach(0);
  weir_go(recv_read); // waits
  await(1);
  write_x();
  weir_send(c, 1);
  await(2);
}
static void unbuffered_back(void) { // receive -> completed send
  make(0);
  weir_go(write_recv); // waits
  await(1);
  weir_send(c, 1);
  read_x();
  reach(0);
  weir_go(send_read); // waits
  await(1);
  write_x();
  weir_recv(c, NULL);
  await(2);
}
static void write_close(void) {
  write_x();
  weir_close(c);
  reach(2);
}
static void close_(void) {
  make(1);
  weir_go(write_close);
  CHECK(!weir_recv(c, NULL)); // waits
  read_x();
  make(1);
  reach(0);
  weir_go(write_close);
  await(2);
  CHECK(!weir_recv(c, NULL));
  read_x();
  bool ok;
  CHECK(weir_try_recv(c, NULL, &ok));
}
static void close_select(void) {
  make(0);
  weir_chan(int) other = weir_chan_make(int, 0);
  weir_go(write_close);
  weir_select(weir_on_recv(other, NULL, NULL), weir_on_recv(c, NULL, NULL));
  read_x();
}
static void locked(void) {
  weir_send(c, 1);
  x++;
  weir_yield();
  x++;
  weir_recv(c, NULL);
  atomic_fetch_add_explicit(&at, 1, memory_order_relaxed);
}
static void semaphore(void) { // a buffer of one as a lock
  make(1);
  for (int i = 0; i < 4; i++)
    weir_go(locked);
  await(4);
  weir_send(c, 1);
  read_x();
}
static void parked_start_to_next_send(void) { // the receive waited; its start is before
  make(1);                                    // the send after next
  weir_go(write_recv);
  await(1);
  weir_send(c, 1);
  await(2);
  weir_send(c, 2);
  read_x();
}
static void parked_sender_to_receiver(void) { // its element went through the full buffer
  make(1);
  weir_send(c, 1);
  weir_go(write_send);
  await(1);
  weir_recv(c, NULL);
  weir_recv(c, NULL);
  read_x();
}
static void select_(void) {
  make(0);
  weir_chan(int) other = weir_chan_make(int, 0);
  weir_go(write_send);
  weir_select(weir_on_recv(other, NULL, NULL), weir_on_recv(c, NULL, NULL));
  read_x();
  reach(0);
  weir_go(recv_read);
  await(1);
  x = 2;
  weir_select(weir_on_recv(other, NULL, NULL), weir_on_send(c, 1));
  await(2);
}
static weir_chan(int64_t) timer;
static void set_timer(void) {
  write_x();
  __atomic_store_n(&timer, weir_after(WEIR_MS(1)), __ATOMIC_RELAXED);
  reach(1);
}
static void timer_(void) {
  weir_go(set_timer);
  await(1);
  weir_chan(int64_t) t = __atomic_load_n(&timer, __ATOMIC_RELAXED);
  weir_recv(t, NULL);
  read_x();
}
static weir_ctx *ctx;
static void cancel_it(void) {
  write_x();
  weir_ctx_cancel(ctx);
}
static void cancel(void) {
  ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_ctx *child = weir_ctx_with_cancel(ctx);
  weir_go(cancel_it);
  weir_recv(weir_ctx_done(child), NULL);
  read_x();
}

static weir_mutex mu;
static void lock_write(void) {
  weir_guard(&mu);
  write_x();
  reach(1);
}
static void mutex(void) { // also when the mutex was waited for
  weir_go(lock_write);
  await(1);
  weir_mutex_lock(&mu);
  read_x();
  reach(0);
  weir_go(lock_write);
  weir_yield();
  x = 2;
  weir_mutex_unlock(&mu);
  await(1);
  CHECK(weir_mutex_trylock(&mu));
  read_x();
  weir_mutex_unlock(&mu);
}
static void wait_group(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, write_x);
  weir_wg_wait(&wg); // waits
  read_x();
  weir_wg_go(&wg, write_x);
  weir_yield();
  weir_wg_wait(&wg);
  read_x();
}
static void tries(void) {
  make(1);
  weir_go(write_send);
  await(2);
  CHECK(weir_try_recv(c, NULL, NULL));
  read_x();
  weir_go(recv_read);
  reach(0);
  await(1);
  write_x();
  CHECK(weir_try_send(c, 1));
  await(2);
}

// --- not ordered
static void two_sends(void) {
  make(4);
  weir_go(write_send);
  await(2);
  weir_send(c, 2);
  read_x();
}
static void drain(void) {
  await(2);
  weir_recv(c, NULL);
  reach(3);
}
static void send_to_send(void) { // through the same slot, received in between by a third
  make(1);
  weir_go(drain);
  weir_go(write_send);
  await(3);
  weir_send(c, 2);
  read_x();
}
static void parked_receiver_to_sender(void) { // buffered: no edge back to this send
  make(1);
  weir_go(write_recv);
  await(1);
  weir_send(c, 1);
  read_x();
}
static void two_receives(void) {
  make(2);
  weir_send(c, 1);
  weir_send(c, 2);
  weir_go(write_recv);
  await(2);
  weir_recv(c, NULL);
  read_x();
}
static void other_sender(void) {
  make(2);
  weir_go(send_one);
  await(2);
  reach(0);
  weir_go(write_send);
  await(2);
  weir_recv(c, NULL); // send_one's
  read_x();
}
static void room_left(void) {
  make(3);
  weir_send(c, 1);
  weir_go(write_recv);
  await(2);
  weir_send(c, 2);
  read_x();
}
static void close_not_reached(void) {
  make(2);
  weir_send(c, 1);
  weir_go(write_close);
  await(2);
  CHECK(weir_recv(c, NULL));
  read_x();
}
static void two_timers(void) { // both fire on one thread, which must not tie them together
  weir_go(set_timer);
  await(1);
  weir_recv(weir_after(WEIR_MS(20)), NULL);
  read_x();
}
static void select_loser(void) { // a select that waited makes edges for its winner only
  make(1);
  weir_chan(int) other = weir_chan_make(int, 1);
  weir_go(write_close);
  weir_send(other, 1);
  weir_select(weir_on_recv(other, NULL, NULL));
  weir_yield();
  await(2);
  weir_send(other, 2);
  weir_select(weir_on_recv(other, NULL, NULL), weir_on_recv((weir_chan(int))NULL, NULL, NULL));
  read_x();
}

static void hold(void) {
  weir_mutex_lock(&mu);
  write_x();
  reach(1);
  await(2);
  weir_mutex_unlock(&mu);
}
static void failed_trylock(void) {
  weir_go(hold);
  await(1);
  CHECK(!weir_mutex_trylock(&mu));
  read_x();
  reach(2);
}
static weir_wg global_wg;
static void write_add(void) {
  write_x();
  weir_wg_add(&global_wg, 1);
  reach(1);
}
static void wait_group_add(void) { // an add is before nothing
  weir_wg_add(&global_wg, 1);
  weir_go(write_add);
  await(1);
  weir_wg_add(&global_wg, -2);
  weir_wg_wait(&global_wg);
  read_x();
}

EDGE_CASES(CASE(buffered), CASE(handoff), CASE(slot_reuse), CASE(unbuffered), CASE(unbuffered_back),
           {"close", close_}, CASE(close_select), CASE(semaphore), CASE(parked_start_to_next_send),
           CASE(parked_sender_to_receiver), {"select", select_}, {"timer", timer_}, CASE(cancel),
           CASE(mutex), CASE(wait_group), CASE(tries), CASE(two_sends), CASE(failed_trylock),
           CASE(wait_group_add), CASE(send_to_send), CASE(parked_receiver_to_sender),
           CASE(two_receives), CASE(other_sender), CASE(room_left), CASE(close_not_reached),
           CASE(two_timers), CASE(select_loser))
