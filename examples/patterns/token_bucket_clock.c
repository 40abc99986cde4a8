// SPDX-License-Identifier: Apache-2.0
//
// A rate limiter without a goroutine: how many tokens there are follows from the time since
// it was last looked at. One lock, a few numbers, nothing to start or to stop; a program may have
// one for each of a million users.
//
// The level is kept in nanoseconds, the time that it takes to fill so far: one token costs
// `period` of it. So there are no fractions to round. A reservation takes its token before it is
// there (the level goes below zero) and waits for it: callers are served in the order they came,
// and each sleeps once.
//
// The moment is an argument of what decides; only `bucket_wait` reads the clock.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

struct bucket {
  weir_mutex mu;        // guards level and at
  int64_t period, most; // for one token; for a full bucket
  int64_t level, at;    // the level at the moment `at`
};

static void bucket_init(struct bucket *b, int burst, int64_t period, int64_t now) {
  *b =
      (struct bucket){.period = period, .most = burst * period, .level = burst * period, .at = now};
}

// The caller holds the lock. Callers read the clock before they lock: `now` may be a little old.
static void fill(struct bucket *b, int64_t now) {
  if (now <= b->at) return;
  b->level += now - b->at;
  if (b->level > b->most) b->level = b->most;
  b->at = now;
}

// Takes a token if there is one.
static bool bucket_allow(struct bucket *b, int64_t now) {
  weir_guard(&b->mu);
  fill(b, now);
  if (b->level < b->period) return false;
  b->level -= b->period;
  return true;
}

// Takes the next token there will be. How long until then.
static int64_t bucket_reserve(struct bucket *b, int64_t now) {
  weir_guard(&b->mu);
  fill(b, now);
  b->level -= b->period;
  return b->level < 0 ? -b->level : 0;
}

static void bucket_give_back(struct bucket *b) {
  weir_guard(&b->mu);
  b->level += b->period;
}

// Waits for a token. 0, or why the context is done.
static int bucket_wait(struct bucket *b, weir_ctx *ctx) {
  int64_t wait = bucket_reserve(b, weir_now());
  if (wait == 0 || weir_select(weir_on_recv(weir_after(wait), NULL, NULL),
                               weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0)
    return 0;
  bucket_give_back(b);
  return weir_ctx_err(ctx);
}

// --- as it behaves ------------------------------------------------------------------------

static void time_line(void) {
  static const int ms[] = {0, 0, 0, 0, 9, 10, 15, 20, 500, 500, 500, 500};
  struct bucket b;
  bucket_init(&b, 3, WEIR_MS(10), 0);
  for (size_t i = 0; i < sizeof ms / sizeof *ms; i++)
    printf("%d:%s ", ms[i], bucket_allow(&b, WEIR_MS(ms[i])) ? "yes" : "no");
  printf("\n");
}

static void ask(struct bucket *b, weir_ctx *ctx, int times, int *served) {
  while (times-- > 0 && bucket_wait(b, ctx) == 0)
    ++*served;
}

static void under_load(void) {
  enum { CLIENTS = 5, EACH = 4, BURST = 10 };
  struct bucket b;
  weir_wg clients = {0};
  int served[CLIENTS] = {0}, all = 0;
  int64_t began = weir_now();
  bucket_init(&b, BURST, WEIR_MS(2), began);
  for (int i = 0; i < CLIENTS; i++)
    weir_wg_go(&clients, ask, &b, weir_ctx_background(), EACH, &served[i]);
  weir_wg_wait(&clients);
  bool within = weir_now() - began >= (CLIENTS * EACH - BURST) * b.period;
  for (int i = 0; i < CLIENTS; i++)
    all += served[i];
  printf("%d requests, a burst of %d: %s\n", all, BURST, within ? "within the rate" : "too fast");
}

static void impatient(void) {
  struct bucket b;
  bucket_init(&b, 1, WEIR_S(3600), weir_now());
  weir_ctx *soon = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(5));
  int served = 0;
  ask(&b, soon, 2, &served);
  printf("%d served, then: %s\n", served, weir_ctx_err(soon) == ETIMEDOUT ? "gave up" : "?");
  weir_ctx_free(soon);
}

int main(void) {
  time_line();
  under_load();
  impatient();
}

// Output:
// 0:yes 0:yes 0:yes 0:no 9:no 10:yes 15:no 20:yes 500:yes 500:yes 500:yes 500:no
// 20 requests, a burst of 10: within the rate
// 1 served, then: gave up
