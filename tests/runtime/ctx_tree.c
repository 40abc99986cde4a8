// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Contexts: cancelling reaches the subtree and nothing else, the first reason stays, a
// deadline fires, a child's deadline is never later than its parent's, and a context may
// be freed right after it was cancelled, while others still return from a select.
#include <errno.h>

#include "check.h"

static bool is_done(weir_ctx *c) {
  return weir_select(weir_on_recv(weir_ctx_done(c), NULL, NULL), weir_on_default()) == 0;
}

static void tree(void) {
  weir_ctx *bg = weir_ctx_background();
  weir_ctx *root = weir_ctx_with_cancel(bg), *a = weir_ctx_with_cancel(root),
           *b = weir_ctx_with_cancel(root), *a1 = weir_ctx_with_cancel(a),
           *a2 = weir_ctx_with_timeout(a, WEIR_S(100)), *other = weir_ctx_with_cancel(bg);
  CHECK(weir_ctx_done(bg) == NULL);
  CHECK_EQ(weir_ctx_err(bg), 0);
  weir_ctx_cancel(a);
  CHECK(is_done(a) && is_done(a1) && is_done(a2));
  CHECK(!is_done(root) && !is_done(b) && !is_done(other));
  CHECK_EQ(weir_ctx_err(a2), ECANCELED);
  CHECK_EQ(weir_ctx_err(b), 0);
  weir_ctx_cancel(a); // again: nothing
  weir_ctx *late = weir_ctx_with_timeout(a, 0);
  CHECK_EQ(weir_ctx_err(late), ECANCELED);
  weir_ctx_free(root); // cancels b
  CHECK(is_done(b));
  weir_ctx_free(b);
  weir_ctx_free(a);
  weir_ctx_free(a1);
  weir_ctx_free(a2);
  weir_ctx_free(late);
  CHECK(!is_done(other));
  weir_ctx_free(other);
  weir_ctx_free(bg);
  weir_ctx_free(NULL);
  weir_ctx_cancel(bg);
}

static void deadlines(void) {
  int64_t start = weir_now();
  weir_ctx *p = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(20));
  weir_ctx *child = weir_ctx_with_timeout(p, WEIR_S(100)), *plain = weir_ctx_with_cancel(p);
  weir_ctx *early = weir_ctx_with_timeout(p, WEIR_MS(5));
  CHECK(!weir_recv(weir_ctx_done(early), NULL));
  CHECK(weir_now() - start >= WEIR_MS(5));
  CHECK(!weir_recv(weir_ctx_done(plain), NULL));
  CHECK(weir_now() - start >= WEIR_MS(20));
  CHECK(!weir_recv(weir_ctx_done(child), NULL));
  CHECK_EQ(weir_ctx_err(p), ETIMEDOUT);
  CHECK_EQ(weir_ctx_err(plain), ETIMEDOUT);
  CHECK_EQ(weir_ctx_err(early), ETIMEDOUT);
  weir_ctx_cancel(p);
  CHECK_EQ(weir_ctx_err(p), ETIMEDOUT);
  weir_ctx_free(p);
  weir_ctx_free(child);
  weir_ctx_free(plain);
  weir_ctx_free(early);
  weir_ctx *past = weir_ctx_with_deadline(weir_ctx_background(), weir_now() - 1);
  CHECK(!weir_recv(weir_ctx_done(past), NULL));
  weir_ctx_free(past);
}

static void serve(weir_chan(char) done, weir_chan(int) work, weir_wg *wg) {
  while (weir_select(weir_on_recv(done, NULL, NULL), weir_on_recv(work, NULL, NULL)) == 1) {
  }
  weir_wg_done(wg);
}
static void cancel_and_free(void) {
  weir_chan(int) work = weir_chan_make(int, 0);
  for (int i = 0; i < 300; i++) {
    weir_ctx *c = weir_ctx_with_cancel(weir_ctx_background());
    weir_wg wg = {0};
    for (int k = 0; k < 8; k++) {
      weir_wg_add(&wg, 1);
      weir_go(serve, weir_ctx_done(c), work, &wg);
    }
    for (int k = 0; k < 8; k++)
      weir_send(work, k);
    weir_ctx_cancel(c);
    weir_wg_wait(&wg);
    weir_ctx_free(c);
  }
  weir_chan_free(work);
}

// Timers that fire while the tree is torn down.
static void fires_during_free(void) {
  for (int i = 0; i < 500; i++) {
    weir_ctx *p = weir_ctx_with_timeout(weir_ctx_background(), WEIR_US(i % 100));
    weir_ctx *c = weir_ctx_with_timeout(p, WEIR_US(50));
    if (i % 2) weir_recv(weir_ctx_done(c), NULL);
    weir_ctx_free(i % 3 ? p : c);
    weir_ctx_free(i % 3 ? c : p);
  }
}

int main(void) {
  tree();
  deadlines();
  cancel_and_free();
  fires_during_free();
}
