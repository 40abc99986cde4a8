// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in timer_new timer_reset ticker ticker_later cause blocking; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in older_arming stopped two_tickers two_calls same_helper made_helper; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// As edges.c, for timers, causes and blocking calls: each case writes `x` in one goroutine
// and reads it in another; the first list is ordered and must be silent, the second is not and
// must be reported, although every run does the accesses one after the other.
#include <stdatomic.h>
#include <string.h>

#include "check.h"

const char *weir_default_options(void) {
  return "procs=1";
}

int x, seen; // external, or an optimizer would drop the accesses
static weir_timer *timer;
static weir_ticker *ticker;
static weir_ctx *ctx;
static atomic_int at; // relaxed: order without an edge

static void reach(int step) {
  atomic_store_explicit(&at, step, memory_order_relaxed);
}
static void await(int step) {
  while (atomic_load_explicit(&at, memory_order_relaxed) < step)
    weir_yield();
}
__attribute__((noinline)) static void write_x(void) {
  x = 1;
}
__attribute__((noinline)) static void read_x(void) {
  seen = x;
}

// --- ordered -------------------------------------------------------------------------------
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

// --- not ordered ----------------------------------------------------------------------------
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
static void nothing(void) {
}
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

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    void (*fn)(void);
  } all[] = {{"timer_new", timer_new},
             {"timer_reset", timer_reset},
             {"ticker", ticker_},
             {"ticker_later", ticker_later},
             {"cause", cause},
             {"blocking", blocking},
             {"older_arming", older_arming},
             {"stopped", stopped},
             {"two_tickers", two_tickers},
             {"two_calls", two_calls},
             {"same_helper", same_helper},
             {"made_helper", made_helper}};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (argc > 1 && !strcmp(argv[1], all[i].name)) {
      all[i].fn();
      return 0;
    }
  CHECK(!"a known case");
}
