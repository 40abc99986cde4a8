// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in timer_new timer_reset ticker ticker_later cause past_deadline blocking \
// RUN:   group group_limit flight flight_key flight_next; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in older_arming stopped two_tickers two_calls same_helper made_helper \
// RUN:   group_members flight_asked; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// As edges.c, for timers, causes, blocking calls, groups and singleflight: each case writes `x` in
// one goroutine and reads it in another; the first list is ordered and must be silent, the second
// is not and must be reported, although every run does the accesses one after the other.
#include <errno.h>

#include "edges.h"

static weir_timer *timer;
static weir_ticker *ticker;
static weir_ctx *ctx;

// --- ordered
static void make_timer(void) {
  write_x();
  __atomic_store_n(&timer, weir_timer_new(WEIR_MS(1)), __ATOMIC_RELAXED);
  reach(1);
}
static weir_timer *get_timer(void) {
  return __atomic_load_n(&timer, __ATOMIC_RELAXED);
}
static void timer_new(void) {
  weir_go(make_timer);
  await(1);
  weir_recv(weir_timer_chan(get_timer()), NULL);
  read_x();
}
static void write_reset(void) {
  write_x();
  weir_timer_reset(timer, WEIR_MS(1));
  reach(1);
}
static void timer_reset(void) {
  timer = weir_timer_new(WEIR_S(1000));
  weir_go(write_reset);
  weir_recv(weir_timer_chan(timer), NULL); // waits
  read_x();
}
static void make_ticker(void) {
  write_x();
  __atomic_store_n(&ticker, weir_ticker_new(WEIR_MS(1)), __ATOMIC_RELAXED);
  reach(1);
}
static weir_ticker *get_ticker(void) {
  return __atomic_load_n(&ticker, __ATOMIC_RELAXED);
}
static void ticker_(void) {
  weir_go(make_ticker);
  await(1);
  weir_recv(weir_ticker_chan(get_ticker()), NULL);
  read_x();
  weir_ticker_free(get_ticker());
}
static void tick_then(int n) { // another goroutine takes the first ticks
  for (int i = 0; i < n; i++)
    weir_recv(weir_ticker_chan(get_ticker()), NULL);
  reach(2);
}
static void ticker_later(void) { // every tick carries what its ticker was made with
  weir_go(make_ticker);
  await(1);
  weir_go(tick_then, 3);
  await(2);
  weir_recv(weir_ticker_chan(get_ticker()), NULL);
  read_x();
  weir_ticker_free(get_ticker());
}
static void write_cancel(void) {
  write_x();
  weir_ctx_cancel_cause(ctx, 7);
  reach(1);
}
static void cause(void) {
  ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_go(write_cancel);
  await(1);
  CHECK_EQ(weir_ctx_cause(ctx), 7);
  read_x();
}
static weir_ctx *late;
static void make_late(void) {
  write_x();
  __atomic_store_n(&late, weir_ctx_with_timeout(weir_ctx_background(), 0), __ATOMIC_RELAXED);
  reach(1);
}
static void past_deadline(void) { // over when it was made: the maker is before all who see it
  weir_go(make_late);
  await(1);
  CHECK_EQ(weir_ctx_err(__atomic_load_n(&late, __ATOMIC_RELAXED)), ETIMEDOUT);
  read_x();
}
static void increment(int *p) {
  ++*p;
}
static void blocking(void) { // call -> function -> return, on one stack and another
  int local = 1;
  write_x();
  weir_blocking(increment, &x);
  weir_blocking(increment, &local);
  read_x();
  local++;
  CHECK_EQ(seen + local, 5);
}

static int write_0(void) {
  write_x();
  return 0;
}
static int read_0(void) {
  read_x();
  return 0;
}
static void group(void) {
  weir_group g = weir_group_with_ctx(weir_ctx_background());
  x = 2;
  weir_group_go(&g, write_0);
  weir_group_wait(&g);
  read_x();
  weir_group_free(&g);
}
static void group_limit(void) { // the end makes the place for the next
  weir_group g = {0};
  weir_group_set_limit(&g, 1);
  weir_group_go(&g, write_0);
  weir_group_go(&g, read_0);
  CHECK_EQ(x, 1); // so the starter knows it as well
  weir_group_wait(&g);
  weir_group_free(&g);
}
static weir_singleflight flights;
static weir_chan(int) open_;
static void *write_flight(void *arg) {
  reach(1);
  weir_recv(open_, NULL);
  write_x();
  return arg;
}
static void *read_flight(void *arg) {
  read_x();
  return arg;
}
static void fly(void) {
  weir_singleflight_do(&flights, "key", write_flight, NULL, NULL);
  reach(3);
}
static void opens(void) { // when main waits for the flight: one worker
  weir_send(open_, 0);
}
static void flight(void) {
  bool shared;
  open_ = weir_chan_make(int, 0);
  weir_go(fly);
  await(1);
  weir_go(opens);
  weir_singleflight_do(&flights, "key", write_flight, NULL, &shared);
  CHECK(shared);
  read_x();
}
static void fly_once(void) {
  char key[] = "key"; // "needed until the call returns"
  weir_singleflight_do(&flights, key, write_flight, NULL, NULL);
  key[0] = 0;
  reach(3);
}
static void flight_key(void) { // whoever compares the key has done so before that return
  open_ = weir_chan_make(int, 0);
  weir_go(fly_once);
  await(1);
  weir_go(opens);
  weir_singleflight_do(&flights, "key", write_flight, NULL, NULL);
  await(3);
}
static void flight_next(void) {
  open_ = weir_chan_make(int, 0);
  weir_go(fly);
  await(1);
  weir_go(opens);
  await(3);
  weir_singleflight_do(&flights, "other", read_flight, NULL, NULL);
}

// --- not ordered
static void older_arming(void) { // by another goroutine; what comes is the second arming's
  weir_go(make_timer);
  await(1);
  weir_timer_reset(get_timer(), WEIR_MS(1));
  weir_recv(weir_timer_chan(get_timer()), NULL);
  read_x();
}
static void write_stop(void) {
  write_x();
  weir_timer_stop(timer);
  reach(1);
}
static void stopped(void) { // a stop is before nothing
  timer = weir_timer_new(WEIR_S(1000));
  weir_go(write_stop);
  await(1);
  CHECK(!weir_timer_stop(timer));
  weir_timer_reset(timer, 0);
  weir_recv(weir_timer_chan(timer), NULL);
  read_x();
}
static void two_tickers(void) { // both fire on one thread
  weir_go(make_ticker);
  await(1);
  weir_ticker *other = weir_ticker_new(WEIR_MS(1));
  for (int i = 0; i < 10; i++)
    weir_recv(weir_ticker_chan(other), NULL);
  read_x();
  weir_ticker_free(other);
}
static void nothing(void) {}
static void call_write(void) {
  weir_blocking(write_x);
  reach(1);
}
static void two_calls(void) { // at the same helper, most likely
  weir_go(call_write);
  await(1);
  weir_blocking(read_x);
}
static void same_helper(void) {
  weir_go(call_write);
  await(1);
  weir_blocking(nothing);
  read_x();
}
static void write_call(void) {
  write_x();
  weir_blocking(nothing); // makes the helper
  reach(1);
}
static void made_helper(void) {
  weir_go(write_call);
  await(1);
  weir_blocking(read_x);
}

static int write_1(void) {
  write_x();
  reach(1);
  return 1;
}
static int read_after(void) {
  await(1);
  read_x();
  return 0;
}
static void group_members(void) { // of one group, an error and its context between them
  weir_group g = weir_group_with_ctx(weir_ctx_background());
  weir_group_go(&g, write_1);
  weir_group_go(&g, read_after);
  weir_group_wait(&g);
  weir_group_free(&g);
}
static void write_ask(void) {
  write_x();
  reach(2);
  weir_singleflight_do(&flights, "key", write_flight, NULL, NULL);
  reach(4);
}
static void *read_late(void *arg) {
  reach(1);
  await(2);
  weir_yield();
  read_x();
  return arg;
}
static void lead_late(void) {
  weir_singleflight_do(&flights, "key", read_late, NULL, NULL);
}
static void flight_asked(void) { // who joins is not before what it joins
  weir_go(lead_late);
  await(1);
  weir_go(write_ask);
  await(4);
}

EDGE_CASES(CASE(timer_new), CASE(timer_reset), {"ticker", ticker_}, CASE(ticker_later), CASE(cause),
           CASE(past_deadline), CASE(blocking), CASE(group), CASE(group_limit), CASE(flight),
           CASE(flight_key), CASE(flight_next), CASE(group_members), CASE(flight_asked),
           CASE(older_arming), CASE(stopped), CASE(two_tickers), CASE(two_calls), CASE(same_helper),
           CASE(made_helper))
