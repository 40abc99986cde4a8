// SPDX-License-Identifier: Apache-2.0
//
// Contexts, timers, groups, singleflight, blocking calls, descriptors: what each orders, and the
// nearest thing that it does not.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <unistd.h>

#include "cases.h"

// --- context: a cancel is before what is done because of it, in either form of
// asking
static void cancelled(bool after, bool by_err) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_go_block(^{
    if (!after) x = 1;
    weir_ctx_cancel(ctx);
    if (after) x = 1; // RACE: ctx_done, ctx_err
    hidden_post();
  });
  if (by_err)
    while (!weir_ctx_err(ctx))
      weir_yield();
  else
    weir_recv(weir_ctx_done(ctx), NULL);
  hidden_wait(1);
  x = 2; // RACE: ctx_done, ctx_err
  weir_ctx_free(ctx);
}
static void ctx_done_racy(void) {
  cancelled(true, false);
}
static void ctx_done_quiet(void) {
  cancelled(false, false);
}
static void ctx_err_racy(void) {
  cancelled(true, true);
}
static void ctx_err_quiet(void) {
  cancelled(false, true);
}
static int64_t moment, moment2;
static void ask_deadline(weir_ctx *ctx) {
  weir_ctx_deadline(ctx, &moment); // RACE: ctx_deadline
  hidden_post();
}
static void deadline_into(int64_t *which) {
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_S(60));
  weir_go(ask_deadline, ctx);
  hidden_wait(1);
  use((long)*which); // RACE: ctx_deadline
  weir_ctx_free(ctx);
}
static void ctx_deadline_racy(void) {
  deadline_into(&moment);
}
static void ctx_deadline_quiet(void) {
  deadline_into(&moment2);
}

// --- time: what comes of a timer is ordered after who set it, and not with
// another timer
static weir_chan(int) fired;
static void write_and_tell(int v) {
  x = v; // RACE: two_functions
  weir_send(fired, v);
}
static void functions(bool second_later) {
  fired = weir_chan_make(int, 2);
  weir_timer *first = weir_after_func(WEIR_MS(1), write_and_tell, 1);
  if (second_later) weir_recv(fired, NULL);
  weir_timer *second = weir_after_func(WEIR_MS(1), write_and_tell, 2);
  if (!second_later) weir_recv(fired, NULL);
  weir_recv(fired, NULL);
  weir_timer_free(first);
  weir_timer_free(second);
}
static void two_functions_racy(void) {
  functions(false);
}
static void two_functions_quiet(void) {
  functions(true);
}
static void set_again(void) {
  weir_send(fired, 1);
  use(x); // RACE: function_reset
  hidden_post();
}
static void function_reset(bool before) {
  fired = weir_chan_make(int, 1);
  weir_timer *t = weir_after_func(WEIR_S(3600), set_again);
  weir_timer_stop(t);
  if (before) x = 2;
  weir_timer_reset(t, 1);
  if (!before) {
    hidden_wait(1);
    x = 2; // RACE: function_reset
  }
  weir_recv(fired, NULL);
  hidden_wait(1);
  weir_timer_free(t);
}
static void function_reset_racy(void) {
  function_reset(false);
}
static void function_reset_quiet(void) {
  function_reset(true);
}

// A timer, a ticker, new or reset; another goroutine receives, and reads what
// was written before the timer was set, or after.
static void receive_and_read(weir_chan(int64_t) ticks) {
  weir_recv(ticks, NULL);
  hidden_post();
  hidden_wait(2);
  use(x); // RACE: timer, timer_reset, ticker, ticker_reset
  hidden_post();
}
static void after_set(bool before) {
  if (!before) {
    hidden_wait(1);
    x = 2; // RACE: timer, timer_reset, ticker, ticker_reset
  }
  hidden_post();
  hidden_wait(3);
}
static void timer(bool before) {
  if (before) x = 2;
  weir_timer *t = weir_timer_new(1);
  weir_go(receive_and_read, weir_timer_chan(t));
  after_set(before);
  weir_timer_free(t);
}
static void timer_racy(void) {
  timer(false);
}
static void timer_quiet(void) {
  timer(true);
}
static void timer_reset(bool before) {
  weir_timer *t = weir_timer_new(WEIR_S(3600));
  weir_go(receive_and_read, weir_timer_chan(t));
  weir_timer_stop(t);
  if (before) x = 2;
  weir_timer_reset(t, 1);
  after_set(before);
  weir_timer_free(t);
}
static void timer_reset_racy(void) {
  timer_reset(false);
}
static void timer_reset_quiet(void) {
  timer_reset(true);
}
static void ticker(bool before) {
  if (before) x = 2;
  weir_ticker *t = weir_ticker_new(WEIR_MS(1));
  weir_go(receive_and_read, weir_ticker_chan(t));
  after_set(before);
  weir_ticker_free(t);
}
static void ticker_racy(void) {
  ticker(false);
}
static void ticker_quiet(void) {
  ticker(true);
}
static void ticker_reset(bool before) {
  weir_ticker *t = weir_ticker_new(WEIR_S(3600));
  weir_go(receive_and_read, weir_ticker_chan(t));
  weir_ticker_stop(t);
  if (before) x = 2;
  weir_ticker_reset(t, WEIR_MS(1));
  after_set(before);
  weir_ticker_free(t);
}
static void ticker_reset_racy(void) {
  ticker_reset(false);
}
static void ticker_reset_quiet(void) {
  ticker_reset(true);
}

// Sleeping orders nothing, however long.
static void slept(bool told) {
  weir_chan(int) done = weir_chan_make(int, 1);
  weir_go_block(^{
    x = 1; // RACE: sleep
    weir_send(done, 1);
    hidden_post();
  });
  weir_sleep(WEIR_MS(1));
  hidden_wait(1);
  if (told) weir_recv(done, NULL);
  x = 2; // RACE: sleep
}
static void sleep_racy(void) {
  slept(false);
}
static void sleep_quiet(void) {
  slept(true);
}

// --- group: its functions are before wait, not before each other
static int member(int turn, bool own) {
  hidden_wait(turn);
  *(own && turn ? &y : &x) = turn; // RACE: group
  hidden_post();
  return 0;
}
static void group_of_two(bool own) {
  weir_group g = {0};
  weir_group_go(&g, member, 0, own);
  weir_group_go(&g, member, 1, own);
  MUST(weir_group_wait(&g) == 0);
  x = y = 3;
}
static void group_racy(void) {
  group_of_two(false);
}
static void group_quiet(void) {
  group_of_two(true);
}

// --- singleflight: who shares an execution is ordered after it; its flag is a
// variable
static weir_singleflight flights;
static bool shared, shared2;
static void *compute(void *arg) {
  *(int *)arg = 1;
  return arg;
}
static void fly(void) {
  weir_singleflight_do(&flights, "k", compute, &x, &shared); // RACE: flight_flag
  hidden_post();
}
static void flight_flag(bool *which) {
  weir_go(fly);
  hidden_wait(1);
  use(*which); // RACE: flight_flag
}
static void flight_flag_racy(void) {
  flight_flag(&shared);
}
static void flight_flag_quiet(void) {
  flight_flag(&shared2);
}

// --- a blocking call is part of the goroutine that makes it
static void block(int *place) {
  *place = 1; // RACE: blocking
  hidden_post();
}
static void blocking(int *place) {
  weir_go_block(^{
    weir_blocking(block, place);
    y++;
  });
  hidden_wait(1);
  use(x); // RACE: blocking
}
static void blocking_racy(void) {
  blocking(&x);
}
static void blocking_quiet(void) {
  blocking(&y);
}

// --- a pipe orders what was written after what is read, by read(2) and by
// weir_read
static void piped(bool after, bool plainly) {
  int ends[2];
  MUST(pipe(ends) == 0);
  int out = ends[1];
  weir_go_block(^{
    if (!after) x = 42;
    MUST((plainly ? write(out, "d", 1) : weir_write(out, "d", 1)) == 1);
    if (after) x = 42; // RACE: pipe, goroutine_pipe
    hidden_post();
  });
  char got;
  if (plainly) hidden_wait(1);
  MUST((plainly ? read(ends[0], &got, 1) : weir_read(ends[0], &got, 1)) == 1);
  hidden_wait(1);
  use(x); // RACE: pipe, goroutine_pipe
}
static void pipe_racy(void) {
  piped(true, true);
}
static void pipe_quiet(void) {
  piped(false, true);
}
static void goroutine_pipe_racy(void) {
  piped(true, false);
}
static void goroutine_pipe_quiet(void) {
  piped(false, false);
}

// --- the flag of a try is written by it
static bool ok, ok2;
static void try_it(weir_chan(int) ch) {
  MUST(weir_try_recv(ch, NULL, &ok)); // RACE: try_flag
  hidden_post();
}
static void try_flag(bool *which) {
  weir_chan(int) ch = weir_chan_make(int, 1);
  weir_send(ch, 1);
  weir_go(try_it, ch);
  hidden_wait(1);
  use(*which); // RACE: try_flag
}
static void try_flag_racy(void) {
  try_flag(&ok);
}
static void try_flag_quiet(void) {
  try_flag(&ok2);
}

// --- starting goroutines in a chain: each is ordered after its makers, up to
// main
static void chain(int depth, bool after) {
  if (depth) {
    weir_go(chain, depth - 1, after);
    return;
  }
  if (after) hidden_wait(1);
  x = 1; // RACE: started_by_started
  hidden_post();
}
static void start_chain(bool after) {
  if (!after) x = 2;
  weir_go(chain, 3, after);
  if (after) x = 2; // RACE: started_by_started
  if (after) hidden_post();
  hidden_wait(after ? 2 : 1);
}
static void started_by_started_racy(void) {
  start_chain(true);
}
static void started_by_started_quiet(void) {
  start_chain(false);
}

CASES(CASE(ctx_done), CASE(ctx_err), CASE(ctx_deadline), CASE(two_functions), CASE(function_reset),
      CASE(timer), CASE(timer_reset), CASE(ticker), CASE(ticker_reset), CASE(sleep), CASE(group),
      CASE(flight_flag), CASE(blocking), CASE(pipe), CASE(goroutine_pipe), CASE(try_flag),
      CASE(started_by_started))
