// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// A sleep with a context: over in time, ended by a cancel, by a deadline and by one above; no sleep
// at all below an ended one; both at once, many times; on an OS thread; who cancels is seen.
#include <errno.h>
#include <pthread.h>

#include "check.h"

static const int64_t FOREVER = WEIR_S(1000000);

static void over_in_time(weir_ctx *c) {
  int64_t from = weir_now();
  CHECK_EQ(weir_ctx_sleep(c, WEIR_MS(2)), 0);
  CHECK(weir_now() - from >= WEIR_MS(2));
  CHECK_EQ(weir_ctx_sleep(c, 0), 0);
  CHECK_EQ(weir_ctx_sleep(c, INT64_MIN), 0);
}

static void in_time(void) {
  weir_ctx *c = weir_ctx_with_cancel(NULL);
  over_in_time(c);
  over_in_time(NULL);
  over_in_time(weir_ctx_background());
  weir_ctx_free(c);
}

static void had_ended(void) {
  weir_ctx *c = weir_ctx_with_cancel(NULL);
  weir_ctx_cancel(c);
  CHECK_EQ(weir_ctx_sleep(c, FOREVER), ECANCELED);
  CHECK_EQ(weir_ctx_sleep(c, INT64_MAX), ECANCELED);
  CHECK_EQ(weir_ctx_sleep(c, -1), ECANCELED);
  weir_ctx_free(c);
}

static void deadline(void) {
  weir_ctx *p = weir_ctx_with_timeout(NULL, WEIR_MS(2)), *c = weir_ctx_with_cancel(p);
  CHECK_EQ(weir_ctx_sleep(c, FOREVER), ETIMEDOUT);
  weir_ctx_free(c);
  weir_ctx_free(p);
}

// What the canceller wrote before is read without a race.
static int written;

static void cancels(weir_ctx *c, int value, weir_wg *wg) {
  written = value;
  weir_ctx_cancel(c);
  weir_wg_done(wg);
}

static void cancelled(void) {
  for (int i = 1; i <= 500; i++) {
    weir_ctx *c = weir_ctx_with_cancel(NULL);
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(cancels, c, i, &wg);
    CHECK_EQ(weir_ctx_sleep(c, FOREVER), ECANCELED);
    CHECK_EQ(written, i);
    weir_wg_wait(&wg);
    weir_ctx_free(c);
  }
}

// The end of the sleep and the cancel meet.
static void cancels_soon(weir_ctx *c, weir_wg *wg, int64_t ns) {
  weir_sleep(ns);
  weir_ctx_cancel(c);
  weir_wg_done(wg);
}

static void both_at_once(void) {
  for (int i = 0; i < 300; i++) {
    weir_ctx *c = weir_ctx_with_cancel(NULL);
    weir_wg wg = {0};
    weir_wg_add(&wg, 1);
    weir_go(cancels_soon, c, &wg, WEIR_US(100));
    int err = weir_ctx_sleep(c, WEIR_US(100 + i % 20));
    CHECK(err == 0 || err == ECANCELED);
    weir_wg_wait(&wg);
    weir_ctx_free(c);
  }
}

static void *thread(void *c) {
  return (void *)(intptr_t)weir_ctx_sleep(c, FOREVER);
}

static void on_a_thread(void) {
  weir_ctx *c = weir_ctx_with_cancel(NULL);
  pthread_t t;
  void *err;
  CHECK_EQ(pthread_create(&t, NULL, thread, c), 0);
  weir_sleep(WEIR_MS(1)); // it probably sleeps by then
  weir_ctx_cancel(c);
  CHECK_EQ(pthread_join(t, &err), 0);
  CHECK_EQ((intptr_t)err, ECANCELED);
  weir_ctx_free(c);
}

// Many sleep below one context, and its end wakes them all.
static void sleeps(weir_ctx *c, weir_wg *wg) {
  CHECK_EQ(weir_ctx_sleep(c, FOREVER), ECANCELED);
  weir_wg_done(wg);
}

static void many(void) {
  weir_ctx *c = weir_ctx_with_cancel(NULL);
  weir_wg wg = {0};
  for (int i = 0; i < 1000; i++) {
    weir_wg_add(&wg, 1);
    weir_go(sleeps, c, &wg);
  }
  weir_yield();
  weir_ctx_cancel(c);
  weir_wg_wait(&wg);
  weir_ctx_free(c);
}

int main(void) {
  in_time();
  had_ended();
  deadline();
  cancelled();
  both_at_once();
  on_a_thread();
  many();
  return 0;
}
