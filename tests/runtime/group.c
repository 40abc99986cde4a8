// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t all || exit 1; done
// RUN: not %t limit-running 2>&1 | FileCheck %s --check-prefix=RUNNING
// RUN: not %t limit-0 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: %weircc %s -o %t.i && %t.i all
// RUNNING: weir: fatal: weir_group_set_limit: 1 goroutines of the group still run
// NONE: Weir: deadlock
// NONE: goroutine 1 [chan send]:
//
// Groups: wait returns the first error, which cancels the context with itself as the cause; a
// limit is kept, and try_go says when it is reached; the zero value works.
#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "check.h"

static int give(int result) {
  return result;
}
static int add(atomic_int *sum, int n) {
  atomic_fetch_add(sum, n);
  return 0;
}
static int leave(void) {
  weir_goexit();
}

static void without_context(void) {
  weir_group g = {0};
  atomic_int sum = 0;
  CHECK_EQ(weir_group_wait(&g), 0); // nobody
  for (int i = 1; i <= 100; i++)
    weir_group_go(&g, add, &sum, i);
  weir_group_go(&g, leave);
  CHECK_EQ(weir_group_wait(&g), 0);
  CHECK_EQ(atomic_load(&sum), 5050);
  CHECK(weir_group_ctx(&g) == weir_ctx_background());
  weir_group_go(&g, give, 0);
  weir_group_go(&g, give, ENOENT);
  weir_group_go(&g, give, 0);
  CHECK_EQ(weir_group_wait(&g), ENOENT);
  weir_group_free(&g); // not needed, allowed
}

static int fail_when_told(weir_chan(int) when, int error) {
  weir_recv(when, NULL);
  return error;
}
static int until_cancelled(weir_ctx *ctx) {
  weir_recv(weir_ctx_done(ctx), NULL);
  return weir_ctx_cause(ctx) + 1;
}
static void first_error_cancels(void) {
  weir_chan(int) when = weir_chan_make(int, 0);
  weir_group g = weir_group_with_ctx(weir_ctx_background());
  weir_ctx *ctx = weir_group_ctx(&g);
  for (int i = 0; i < 8; i++)
    weir_group_go(&g, until_cancelled, ctx); // these fail too, but later
  weir_group_go(&g, fail_when_told, when, EIO);
  CHECK_EQ(weir_ctx_err(ctx), 0);
  weir_send(when, 0);
  CHECK_EQ(weir_group_wait(&g), EIO);
  CHECK_EQ(weir_ctx_err(ctx), ECANCELED);
  CHECK_EQ(weir_ctx_cause(ctx), EIO);
  weir_group_free(&g);
  weir_chan_free(when);
}

static void wait_cancels(void) { // also when all went well
  weir_ctx *parent = weir_ctx_with_cancel(weir_ctx_background());
  weir_group g = weir_group_with_ctx(parent);
  weir_group_go(&g, give, 0);
  CHECK_EQ(weir_group_wait(&g), 0);
  CHECK_EQ(weir_ctx_cause(weir_group_ctx(&g)), ECANCELED);
  CHECK_EQ(weir_ctx_err(parent), 0);
  weir_group_free(&g);
  g = weir_group_with_ctx(parent);
  weir_group_go(&g, until_cancelled, weir_group_ctx(&g));
  weir_ctx_cancel_cause(parent, EINTR);
  CHECK_EQ(weir_group_wait(&g), EINTR + 1);
  weir_group_free(&g);
  weir_ctx_free(parent);
}

static atomic_int running, most;
static int count(int rounds) {
  int n = atomic_fetch_add(&running, 1) + 1, seen = atomic_load(&most);
  while (n > seen && !atomic_compare_exchange_weak(&most, &seen, n)) {
  }
  for (int i = 0; i < rounds; i++)
    weir_yield();
  atomic_fetch_sub(&running, 1);
  return 0;
}
static void limited(void) {
  weir_group g = {0};
  weir_group_set_limit(&g, 3);
  for (int i = 0; i < 300; i++)
    weir_group_go(&g, count, i % 5);
  CHECK_EQ(weir_group_wait(&g), 0);
  CHECK(atomic_load(&most) <= 3);
  weir_chan(int) when = weir_chan_make(int, 0);
  weir_group_set_limit(&g, 1);
  CHECK(weir_group_try_go(&g, fail_when_told, when, 0));
  CHECK(!weir_group_try_go(&g, give, EIO));
  weir_send(when, 0);
  CHECK_EQ(weir_group_wait(&g), 0);
  CHECK(weir_group_try_go(&g, give, 0)); // the place is free again
  weir_group_wait(&g);
  weir_group_set_limit(&g, 0);
  CHECK(!weir_group_try_go(&g, give, EIO));
  weir_group_set_limit(&g, -1);
  for (int i = 0; i < 50; i++)
    weir_group_try_go(&g, give, 0);
  CHECK_EQ(weir_group_wait(&g), 0);
  weir_group_free(&g);
  weir_chan_free(when);
}

static int tree(int depth) { // groups that come and go by the thousand
  if (depth == 0) return 1;
  weir_group g = {0};
  weir_group_go(&g, tree, depth - 1);
  weir_group_go(&g, tree, depth - 1);
  return weir_group_wait(&g);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  weir_group g = {0};
  weir_chan(int) never = weir_chan_make(int, 0);
  if (!strcmp(argv[1], "limit-running")) {
    weir_group_go(&g, fail_when_told, never, 0);
    weir_group_set_limit(&g, 2);
  }
  if (!strcmp(argv[1], "limit-0")) {
    weir_group_set_limit(&g, 0);
    weir_group_go(&g, give, 0);
  }
  without_context();
  first_error_cancels();
  wait_cancels();
  limited();
  CHECK_EQ(tree(9), 1);
  weir_chan_free(never);
}
