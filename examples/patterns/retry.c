// SPDX-License-Identifier: Apache-2.0
//
// Retry with exponential backoff: what failed for a reason that may pass is tried again after
// a pause that doubles each time, up to a limit. Each pause is shortened by chance, up to half of
// it, so that many callers that failed together do not come back together.
//
// The pause ends early when the context is done: a caller that waits must be able to stop. Errors
// that will not pass (a wrong request stays wrong) are returned at once.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

struct backoff {
  int64_t first, most; // pauses, nanoseconds
  int tries;           // at least 1
};

// The pause after try number n, counted from 0. Doubling stops at `most`, before it overflows.
static int64_t pause_after(const struct backoff *b, int n) {
  int64_t pause = b->first;
  while (n-- > 0 && pause < b->most)
    pause = pause > b->most / 2 ? b->most : pause * 2;
  return pause < b->most ? pause : b->most;
}

static int64_t shortened(int64_t pause) {
  return pause - pause / 2 * (random() % 1000) / 1000;
}

static bool may_pass(int err) {
  return err == EAGAIN || err == ECONNREFUSED || err == ETIMEDOUT;
}

// Calls op(arg) until it returns 0, an error that stays, or `tries` are over: that result.
// Or why the context is done.
static int retry(weir_ctx *ctx, const struct backoff *b, int (*op)(void *), void *arg) {
  for (int n = 0;; n++) {
    if (weir_ctx_err(ctx)) return weir_ctx_err(ctx);
    int err = op(arg);
    if (err == 0 || !may_pass(err) || n + 1 >= b->tries) return err;
    weir_select(weir_on_recv(weir_after(shortened(pause_after(b, n))), NULL, NULL),
                weir_on_recv(weir_ctx_done(ctx), NULL, NULL));
  }
}

// --- a service that fails for a while -----------------------------------------------------

struct service {
  int good_at, err;       // fails with err until call number good_at
  weir_chan(char) called; // closed by the first call; or NULL
  int calls;
};

static int ask(void *arg) {
  struct service *s = arg;
  if (++s->calls == 1 && s->called) weir_close(s->called);
  return s->calls < s->good_at ? s->err : 0;
}

static void show(const char *what, weir_ctx *ctx, const struct backoff *b, struct service s) {
  int err = retry(ctx, b, ask, &s);
  printf("%s: %s", what,
         err == 0           ? "good"
         : err == ECANCELED ? "cancelled"
         : err == EAGAIN    ? "gave up"
         : err == EINVAL    ? "refused for good"
                            : "?");
  printf(" after %d\n", s.calls);
}

int main(void) {
  const struct backoff quick = {WEIR_US(100), WEIR_MS(1), 6}, slow = {WEIR_S(60), WEIR_S(600), 6};
  weir_ctx *always = weir_ctx_background();
  for (int n = 0; n < 6; n++)
    printf("%lld ", (long long)(pause_after(&slow, n) / WEIR_S(1)));
  printf("seconds\n");

  show("recovers", always, &quick, (struct service){4, EAGAIN, NULL, 0});
  show("stays down", always, &quick, (struct service){100, EAGAIN, NULL, 0});
  show("wrong request", always, &quick, (struct service){100, EINVAL, NULL, 0});
  weir_ctx *ctx = weir_ctx_with_cancel(always);
  weir_chan(char) called = weir_chan_make(char, 0);
  weir_go_block(^{
    weir_recv(called, NULL); // then it pauses for a minute
    weir_ctx_cancel(ctx);
  });
  show("told to stop", ctx, &slow, (struct service){100, EAGAIN, called, 0});
  weir_chan_free(called);
  weir_ctx_free(ctx);
}

// Output:
// 60 120 240 480 600 600 seconds
// recovers: good after 4
// stays down: gave up after 6
// wrong request: refused for good after 1
// told to stop: cancelled after 1
