// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t all || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i all || exit 1; done
// RUN: not %t never 2>&1 | FileCheck %s
// RUN: not %t never_ctx 2>&1 | FileCheck %s
// CHECK: Weir: deadlock
// CHECK: goroutine 1 [fence wait]:
// CHECK: fence gate: last used at fence.c
//
// The fence: nobody passes before it is open, everybody after; one open counts; a context ends the
// wait and only the wait; it may be destroyed by a waiter that is through.
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static atomic_int arrived, through;
static int opened; // ordered by the fence alone

static void wait_at(weir_fence *f) {
  atomic_fetch_add(&arrived, 1);
  weir_fence_wait(f);
  CHECK_EQ(opened, 1);
  CHECK(weir_fence_is_open(f));
  atomic_fetch_add(&through, 1);
}
static void releases_all(void) {
  static weir_fence f;
  weir_wg wg = {0};
  for (int i = 0; i < 20; i++)
    weir_wg_go(&wg, wait_at, &f);
  while (atomic_load(&arrived) < 20)
    weir_yield();
  for (int i = 0; i < 100; i++)
    weir_yield();
  CHECK_EQ(atomic_load(&through), 0);
  CHECK(!weir_fence_is_open(&f));
  opened = 1;
  CHECK(weir_fence_open(&f));
  CHECK(!weir_fence_open(&f));
  weir_wg_wait(&wg);
  weir_fence_wait(&f); // and whoever comes later
  CHECK_EQ(weir_fence_wait_ctx(&f, NULL), 0);
}

static atomic_int winners;
static void open_it(weir_fence *f) {
  if (weir_fence_open(f)) atomic_fetch_add(&winners, 1);
}
static void opened_once(void) {
  for (int i = 1; i <= 200; i++) {
    weir_fence f = {0};
    weir_wg wg = {0};
    for (int n = 0; n < 4; n++)
      weir_wg_go(&wg, open_it, &f);
    weir_wg_wait(&wg);
    CHECK_EQ(atomic_load(&winners), i);
  }
}

static void open_only(weir_fence *f) {
  weir_fence_open(f);
}
static void short_lived(void) { // gone as soon as the wait returns, while open may still run
  for (int i = 0; i < 2000; i++) {
    weir_fence *f = calloc(1, sizeof *f);
    weir_go(open_only, f);
    if (i % 2)
      weir_fence_wait(f);
    else
      CHECK_EQ(weir_fence_wait_ctx(f, weir_ctx_background()), 0);
    memset(f, 0xff, sizeof *f);
    free(f);
  }
}

static void with_context(void) {
  static weir_fence shut, open;
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(5));
  CHECK_EQ(weir_fence_wait_ctx(&shut, ctx), ETIMEDOUT); // waits
  CHECK_EQ(weir_fence_wait_ctx(&shut, ctx), ETIMEDOUT); // at once
  weir_fence_open(&open);
  CHECK_EQ(weir_fence_wait_ctx(&open, ctx), 0); // open counts before the context
  weir_ctx_free(ctx);
}

// Opened and cancelled at the same time: either answer, nobody is left, the rest still passes.
static void wait_either(weir_fence *f, weir_ctx *ctx) {
  int err = weir_fence_wait_ctx(f, ctx);
  CHECK(err == 0 || err == ECANCELED);
  if (err == 0) CHECK(weir_fence_is_open(f));
}
static void cancel_it(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
}
static void cancelled_while_opened(void) {
  for (int i = 0; i < 1000; i++) {
    weir_fence f = {0};
    weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
    weir_wg wg = {0};
    weir_wg_go(&wg, wait_either, &f, ctx);
    weir_wg_go(&wg, wait_either, &f, weir_ctx_background());
    weir_wg_go(&wg, wait_either, &f, ctx);
    weir_yield();
    weir_wg_go(&wg, cancel_it, ctx);
    weir_wg_go(&wg, open_only, &f);
    weir_wg_wait(&wg);
    CHECK(f.waiters.first == NULL);
    weir_ctx_free(ctx);
  }
}

static void gives_up_alone(void) { // one leaves the middle of the queue, the others stay
  static weir_fence f;
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_wg first = {0}, rest = {0};
  atomic_store(&arrived, 0), atomic_store(&through, 0);
  weir_wg_go(&rest, wait_at, &f);
  weir_wg_go(&first, wait_either, &f, ctx);
  weir_wg_go(&rest, wait_at, &f);
  while (atomic_load(&arrived) < 2)
    weir_yield();
  weir_ctx_cancel(ctx);
  weir_wg_wait(&first);
  CHECK_EQ(atomic_load(&through), 0);
  weir_fence_open(&f);
  weir_wg_wait(&rest);
  weir_ctx_free(ctx);
}

int main(int argc, char **argv) {
  static weir_fence gate;
  CHECK_EQ(argc, 2);
  if (!strcmp(argv[1], "never")) weir_fence_wait(&gate);
  if (!strcmp(argv[1], "never_ctx"))
    weir_fence_wait_ctx(&gate, weir_ctx_with_cancel(weir_ctx_background()));
  releases_all();
  opened_once();
  short_lived();
  with_context();
  cancelled_while_opened();
  gives_up_alone();
}
