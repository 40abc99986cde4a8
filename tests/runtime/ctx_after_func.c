// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: not %t deadlock 2>&1 | FileCheck %s
// RUN: %weircc %s -o %t.i && %t.i && not %t.i deadlock 2>&1 | FileCheck %s
// CHECK: Weir: deadlock
//
// Functions that run at the end of a context: once, in a goroutine of their own that knows what
// the maker and the canceller did, with the arguments of that moment; never after a stop that said
// so. A deadline that will start one is life; a context that nobody cancels is none.
#include <errno.h>
#include <stdatomic.h>

#include "check.h"

enum { MANY = 200 };
static const int64_t LONG = WEIR_S(1000000);
static int plain; // written before a cancel or a registration, read in the function
static atomic_int runs;

static void tell(weir_chan(int) out, int n) {
  CHECK_EQ(plain, n);
  weir_send(out, n);
}
static void never(void) {
  CHECK(!"it was stopped");
}

static void at_the_end(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_chan(int) out = weir_chan_make(int, 0);
  int n = 5, got;
  weir_ctx_func *f = weir_ctx_after_func(ctx, tell, out, n);
  n = 6;
  weir_yield();
  CHECK(!weir_try_recv(out, NULL, NULL)); // not before
  plain = 5;
  weir_ctx_cancel(ctx); // does not wait for the function, which waits for us
  weir_ctx_free(ctx);   // may go first
  CHECK(weir_recv(out, &got) && got == 5);
  CHECK(!weir_ctx_func_stop(f));
  CHECK(!weir_ctx_func_stop(NULL));
  weir_chan_free(out);
}

static void at_once(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_chan(int) out = weir_chan_make(int, 0);
  weir_ctx_cancel(ctx);
  plain = 7;
  weir_ctx_func *f = weir_ctx_after_func(ctx, tell, out, 7);
  weir_recv(out, NULL);
  CHECK(!weir_ctx_func_stop(f));
  weir_ctx_free(ctx);
  weir_chan_free(out);
}

static void by_deadline(void) { // of a context above; nobody but the deadline can go on
  weir_ctx *up = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(150));
  weir_ctx *ctx = weir_ctx_with_cancel(up);
  weir_chan(int) out = weir_chan_make(int, 0);
  plain = 8;
  weir_ctx_func *f = weir_ctx_after_func(ctx, tell, out, 8);
  weir_recv(out, NULL);
  CHECK_EQ(weir_ctx_err(ctx), ETIMEDOUT);
  CHECK(!weir_ctx_func_stop(f));
  weir_ctx_free(ctx), weir_ctx_free(up);
  weir_chan_free(out);
}

static void stopped(void) {
  weir_ctx *bg = weir_ctx_background(), *ctx = weir_ctx_with_timeout(bg, LONG);
  weir_ctx_func *f = weir_ctx_after_func(ctx, never), *g = weir_ctx_after_func(ctx, never),
                *h = weir_ctx_after_func(bg, never), *i = weir_ctx_after_func(NULL, never);
  CHECK(weir_ctx_func_stop(g) && weir_ctx_func_stop(f));
  weir_ctx_cancel(ctx);
  weir_ctx_free(ctx);
  CHECK(weir_ctx_func_stop(h) && weir_ctx_func_stop(i));
  weir_yield();
}

static void leave(weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  atomic_fetch_add(&runs, 1);
  if (atomic_load(&runs) % 2) weir_goexit();
}

static void all_of_them(void) { // of one context and of one below it
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background()), *below = weir_ctx_with_cancel(ctx);
  weir_ctx_func *f[MANY];
  weir_wg wg = {0};
  atomic_store(&runs, 0);
  for (int i = 0; i < MANY; i++) {
    weir_wg_add(&wg, 1);
    f[i] = weir_ctx_after_func(i % 2 ? ctx : below, leave, &wg);
  }
  weir_ctx_cancel(ctx);
  weir_wg_wait(&wg);
  CHECK_EQ(atomic_load(&runs), MANY);
  for (int i = 0; i < MANY; i++)
    CHECK(!weir_ctx_func_stop(f[i]));
  weir_ctx_free(below), weir_ctx_free(ctx);
}

static void count(weir_wg *wg) {
  atomic_fetch_add(&runs, 1);
  weir_wg_done(wg);
}
static void cancel_soon(weir_ctx *ctx, weir_wg *wg) {
  weir_ctx_cancel(ctx);
  weir_wg_done(wg);
}

static void stop_against_cancel(void) { // it runs, or the stop says that it does not
  int kept = 0;
  atomic_store(&runs, 0);
  for (int i = 0; i < MANY; i++) {
    weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), i % 2 ? LONG : WEIR_US(i));
    weir_wg wg = {0};
    weir_wg_add(&wg, 2);
    weir_ctx_func *f = weir_ctx_after_func(ctx, count, &wg);
    weir_go(cancel_soon, ctx, &wg);
    if (i % 3) weir_yield();
    if (weir_ctx_func_stop(f)) {
      kept++;
      weir_wg_done(&wg);
    }
    weir_wg_wait(&wg);
    weir_ctx_free(ctx);
  }
  CHECK_EQ(atomic_load(&runs) + kept, MANY);
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    weir_chan(int) out = weir_chan_make(int, 0);
    weir_ctx_after_func(weir_ctx_with_cancel(NULL), tell, out, 1);
    weir_recv(out, NULL);
  }
  at_the_end(), at_once(), by_deadline(), stopped(), all_of_them(), stop_against_cancel();
  while (weir_num_goroutine() > 1)
    weir_yield(); // some are about to end
  return 0;
}
