// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Values and causes of contexts. A value is seen by all below, the nearest one counts, and it stays
// when contexts above are cancelled or freed; the cause is that of the first cancel that
// reached the context.
#include <errno.h>

#include "check.h"

static char user, color; // keys: their addresses

static void values(void) {
  char red[] = "red", blue[] = "blue", ann[] = "ann";
  weir_ctx *bg = weir_ctx_background();
  weir_ctx *a = weir_ctx_with_value(bg, &color, red), *b = weir_ctx_with_value(a, &user, ann),
           *c = weir_ctx_with_value(b, &color, blue), *d = weir_ctx_with_cancel(c);
  CHECK(weir_ctx_value(bg, &color) == NULL);
  CHECK(weir_ctx_value(a, &user) == NULL);
  CHECK(weir_ctx_value(b, &color) == red);
  CHECK(weir_ctx_value(d, &color) == blue && weir_ctx_value(d, &user) == ann);
  weir_ctx_cancel(a);
  CHECK_EQ(weir_ctx_err(d), ECANCELED); // a value does not stop cancellation
  weir_ctx *rest = weir_ctx_without_cancel(c);
  weir_ctx_free(c);
  weir_ctx_free(a);
  weir_ctx_free(b);
  CHECK(weir_ctx_value(d, &color) == blue && weir_ctx_value(d, &user) == ann);
  CHECK_EQ(weir_ctx_err(rest), 0);
  CHECK(weir_ctx_value(rest, &user) == ann);
  CHECK(weir_ctx_value(rest, red) == NULL);
  weir_ctx_free(d);
  weir_ctx_free(rest);
}

static void deadlines(void) {
  int64_t when = 0, at = weir_now() + WEIR_S(100);
  weir_ctx *bg = weir_ctx_background();
  CHECK(!weir_ctx_deadline(bg, &when));
  weir_ctx *p = weir_ctx_with_deadline(bg, at), *c = weir_ctx_with_value(p, &user, NULL),
           *later = weir_ctx_with_deadline(c, at + 1), *rest = weir_ctx_without_cancel(p);
  CHECK(weir_ctx_deadline(c, &when));
  CHECK_EQ(when, at);
  when = 0;
  CHECK(weir_ctx_deadline(later, &when));
  CHECK_EQ(when, at);
  CHECK(!weir_ctx_deadline(rest, &when));
  weir_ctx_free(p);
  weir_ctx_free(c);
  weir_ctx_free(later);
  weir_ctx_free(rest);
}

static void causes(void) {
  enum { TOO_BIG = 7001, LATE = 7002, OTHER = 7003 };
  weir_ctx *bg = weir_ctx_background();
  weir_ctx *a = weir_ctx_with_cancel(bg), *b = weir_ctx_with_cancel(a),
           *own = weir_ctx_with_cancel(a);
  CHECK_EQ(weir_ctx_cause(a), 0);
  CHECK_EQ(weir_ctx_cause(bg), 0);
  weir_ctx_cancel_cause(own, OTHER);
  weir_ctx_cancel_cause(a, TOO_BIG);
  weir_ctx_cancel_cause(a, OTHER); // too late
  CHECK_EQ(weir_ctx_cause(a), TOO_BIG);
  CHECK_EQ(weir_ctx_cause(b), TOO_BIG);
  CHECK_EQ(weir_ctx_err(b), ECANCELED);
  CHECK_EQ(weir_ctx_cause(own), OTHER);
  weir_ctx *born = weir_ctx_with_cancel(b); // of a cancelled one
  CHECK_EQ(weir_ctx_cause(born), TOO_BIG);
  weir_ctx *plain = weir_ctx_with_cancel(bg), *none = weir_ctx_with_cancel(bg);
  weir_ctx_cancel(plain);
  weir_ctx_cancel_cause(none, 0);
  CHECK_EQ(weir_ctx_cause(plain), ECANCELED);
  CHECK_EQ(weir_ctx_cause(none), ECANCELED);
  weir_ctx *t = weir_ctx_with_timeout_cause(bg, WEIR_MS(1), LATE), *below = weir_ctx_with_cancel(t),
           *past = weir_ctx_with_deadline(bg, weir_now() - 1);
  CHECK(!weir_recv(weir_ctx_done(below), NULL));
  CHECK_EQ(weir_ctx_err(below), ETIMEDOUT);
  CHECK_EQ(weir_ctx_cause(below), LATE);
  CHECK_EQ(weir_ctx_cause(t), LATE);
  CHECK(!weir_recv(weir_ctx_done(past), NULL));
  CHECK_EQ(weir_ctx_cause(past), ETIMEDOUT);
  weir_ctx *all[] = {a, b, own, born, plain, none, t, below, past};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    weir_ctx_free(all[i]);
}

int main(void) {
  values();
  deadlines();
  causes();
}
