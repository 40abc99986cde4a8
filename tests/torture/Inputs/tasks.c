// SPDX-License-Identifier: Apache-2.0
//
// Plays on what is built from the primitives: trees of contexts, groups, singleflight, calls that
// block, goroutines that end by weir_goexit; and on time.
#include <errno.h>
#include <string.h>
#include <time.h>

#include "torture.h"

// --- a tree of contexts, somebody behind each, one of them cancelled
// ------------------------------

enum { NODES_MAX = 24 };
struct tree {
  weir_ctx *ctx[NODES_MAX];
  int parent[NODES_MAX], n;
  weir_chan(char) over;
  atomic_int woken[NODES_MAX];
};

static void hear(struct tree *t, int i) {
  int which = weir_select(weir_on_recv(weir_ctx_done(t->ctx[i]), NULL, NULL),
                          weir_on_recv(t->over, NULL, NULL));
  if (which == 0) {
    CHECK(weir_ctx_err(t->ctx[i]) == ECANCELED || weir_ctx_err(t->ctx[i]) == ETIMEDOUT);
    atomic_store(&t->woken[i], 1);
  }
}

static bool below(const struct tree *t, int i, int root) {
  for (; i >= 0; i = t->parent[i])
    if (i == root) return true;
  return false;
}

void play_context(struct rng *r) {
  struct tree t = {.n = 1 + (int)rnd(r, NODES_MAX), .over = weir_chan_make(char, 0)};
  weir_wg wg = {0};
  int cause = 1000 + (int)rnd(r, 1000), target = (int)rnd(r, (unsigned)t.n);
  for (int i = 0; i < t.n; i++) {
    t.parent[i] = i ? (int)rnd(r, (unsigned)i) : -1;
    weir_ctx *parent = i ? t.ctx[t.parent[i]] : weir_ctx_background();
    t.ctx[i] = rnd(r, 3)   ? weir_ctx_with_cancel(parent)
               : rnd(r, 2) ? weir_ctx_with_timeout(parent, WEIR_S(3600))
                           : weir_ctx_with_value(parent, &t, (void *)(uintptr_t)(i + 1));
  }
  for (int i = 0; i < t.n; i++)
    weir_wg_go(&wg, hear, &t, i);
  stir(r);
  weir_ctx_cancel_cause(t.ctx[target], cause);
  for (int i = 0; i < t.n; i++) {
    bool hit = below(&t, i, target);
    CHECK_EQ(weir_ctx_err(t.ctx[i]), hit ? ECANCELED : 0);
    CHECK_EQ(weir_ctx_cause(t.ctx[i]), hit ? cause : 0);
  }
  stir(r);
  weir_close(t.over);
  weir_wg_wait(&wg);
  for (int i = 0; i < t.n; i++)
    CHECK(!t.woken[i] || below(&t, i, target));
  bool parents_first = rnd(r, 2);
  for (int i = 0; i < t.n; i++)
    weir_ctx_free(t.ctx[parents_first ? i : t.n - 1 - i]);
  weir_chan_free(t.over);
}

// --- time
// -------------------------------------------------------------------------------------------

void play_timer(struct rng *r) {
  weir_timer *t = weir_timer_new(WEIR_US(rnd(r, 200)));
  int64_t armed = 0; // not known: made before we looked at the clock
  for (unsigned k = 1 + rnd(r, 30); k; k--) {
    int64_t when;
    switch (rnd(r, 3)) {
    case 0:
      weir_timer_stop(t);
      CHECK(!weir_try_recv(weir_timer_chan(t), &when, NULL)); // nothing from before
      // fall through
    case 1: {
      int64_t ns = WEIR_US(rnd(r, 150));
      armed = weir_now() + ns;
      weir_timer_reset(t, ns);
      break;
    }
    default:
      if (weir_select(weir_on_recv(weir_timer_chan(t), &when, NULL),
                      weir_on_recv(weir_after(WEIR_US(rnd(r, 100))), NULL, NULL)) == 0)
        CHECK(when >= armed);
    }
    stir(r);
  }
  weir_timer_free(t);
}

void play_ticker(struct rng *r) {
  weir_ticker *t = weir_ticker_new(WEIR_US(20 + rnd(r, 100)));
  int64_t last = 0, tick;
  for (unsigned k = 1 + rnd(r, 20); k; k--) {
    CHECK(weir_recv(weir_ticker_chan(t), &tick));
    CHECK(tick >= last);
    last = tick;
    if (rnd(r, 6) == 0) weir_ticker_reset(t, WEIR_US(20 + rnd(r, 100)));
    stir(r);
  }
  weir_ticker_stop(t);
  CHECK(!weir_try_recv(weir_ticker_chan(t), NULL, NULL));
  weir_ticker_free(t);
}

void play_sleep(struct rng *r) {
  for (unsigned k = rnd(r, 10); k; k--) {
    int64_t ns = (int64_t)WEIR_US(rnd(r, 200)) - WEIR_US(20), before = weir_now();
    weir_sleep(ns);
    CHECK(weir_now() - before >= ns);
  }
}

// --- groups, singleflight
// ---------------------------------------------------------------------------

struct team {
  weir_ctx *ctx;
  atomic_int running, most;
  int fail;
};

static int member(struct team *t, int id, struct rng r) {
  int now = atomic_fetch_add(&t->running, 1) + 1;
  CHECK(now <= t->most);
  stir(&r);
  bool stop = rnd(&r, 3) == 0 && weir_ctx_err(t->ctx);
  atomic_fetch_sub(&t->running, 1);
  if (stop && rnd(&r, 2)) weir_goexit();
  return id == t->fail ? 77 : 0;
}

void play_group(struct rng *r) {
  weir_group g = weir_group_with_ctx(weir_ctx_background());
  int n = 1 + (int)rnd(r, 30), limit = rnd(r, 2) ? 1 + (int)rnd(r, 5) : 0;
  struct team t = {.ctx = weir_group_ctx(&g), .most = limit ? limit : n, .fail = (int)rnd(r, 60)};
  if (limit) weir_group_set_limit(&g, limit);
  for (int i = 0; i < n; i++) {
    if (rnd(r, 4) == 0)
      (void)weir_group_try_go(&g, member, &t, -1, rng_new(r));
    else
      weir_group_go(&g, member, &t, i, rng_new(r));
  }
  int err = weir_group_wait(&g);
  CHECK(err == 0 || (err == 77 && t.fail < n));
  CHECK_EQ(t.running, 0);
  weir_group_free(&g);
}

struct flights {
  weir_singleflight sf;
  atomic_int running[3], executed;
};
struct flight {
  struct flights *all;
  int key;
};
static const char *const keys[] = {"a", "bb", "a longer key than the others"};

static void *fly(void *arg) {
  struct flight *f = arg;
  CHECK_EQ(atomic_fetch_add(&f->all->running[f->key], 1), 0); // one at a time for each key
  weir_yield();
  atomic_fetch_sub(&f->all->running[f->key], 1);
  return (void *)(uintptr_t)(atomic_fetch_add(&f->all->executed, 1) * 3 + 3 + f->key);
}

static void ask(void *arg) {
  struct flight *base = arg;
  for (int i = 0; i < 10; i++) {
    struct flight f = {base->all, (base->key + i) % 3};
    bool shared;
    uintptr_t got = (uintptr_t)weir_singleflight_do(&f.all->sf, keys[f.key], fly, &f, &shared);
    CHECK_EQ(got % 3, (unsigned)f.key);
    CHECK(got >= 3);
  }
}

void play_flight(struct rng *r) {
  struct flights all = {0};
  struct flight f[8];
  struct crew crew = {0};
  int n = 1 + (int)rnd(r, 8);
  for (int i = 0; i < n; i++) {
    f[i] = (struct flight){&all, (int)rnd(r, 3)};
    crew_go(&crew, r, ask, &f[i]);
  }
  crew_wait(&crew);
  CHECK(all.executed >= 1 && all.executed <= 10 * n);
}

// --- calls that block
// ---------------------------------------------------------------------------------

static void naps(weir_chan(int) c, int n, int us) {
  CHECK_EQ(errno, 33);
  for (int i = 0; i < n; i++)
    weir_send(c, i);
  nanosleep(&(struct timespec){0, us * 1000}, NULL);
  errno = 44;
}

static void calls(weir_chan(int) c, int n, int us) {
  errno = 33;
  weir_blocking(naps, c, n, us);
  CHECK_EQ(errno, 44);
}

void play_blocking(struct rng *r) {
  weir_chan(int) c = weir_chan_make(int, rnd(r, 3));
  weir_wg wg = {0};
  int k = 1 + (int)rnd(r, 5), n = (int)rnd(r, 10);
  for (int i = 0; i < k; i++)
    weir_wg_go(&wg, calls, c, n, (int)rnd(r, 200));
  for (int i = 0; i < k * n; i++)
    CHECK(weir_recv(c, NULL));
  weir_wg_wait(&wg);
  weir_chan_free(c);
}

// --- goexit runs the defers, newest first; stacks are used again
// ---------------------------------------

static void note(char *out, char c) {
  size_t n = strlen(out);
  out[n] = c;
}

static void leave(char *out, bool early, struct rng r) {
  weir_defer(note, out, 'a');
  char frame[100];
  memset(frame, 1, sizeof frame);
  {
    weir_defer(note, out, 'b');
    stir(&r);
    if (early && frame[rnd(&r, 100)]) weir_goexit();
  }
  weir_defer(note, out, 'c');
}

void play_goexit(struct rng *r) {
  enum { MAX = 30 };
  char out[MAX][8] = {0};
  bool early[MAX];
  weir_wg wg = {0};
  int n = 1 + (int)rnd(r, MAX);
  for (int i = 0; i < n; i++) {
    early[i] = rnd(r, 2);
    weir_wg_go(&wg, leave, out[i], early[i], rng_new(r));
  }
  weir_wg_wait(&wg);
  for (int i = 0; i < n; i++)
    CHECK(strcmp(out[i], early[i] ? "ba" : "bca") == 0);
}

static void leaf(weir_chan(long) out, long v) {
  weir_send(out, v);
}

void play_many(struct rng *r) {
  weir_chan(long) c = weir_chan_make(long, rnd(r, 5));
  long n = 1 + (long)rnd(r, 700), sum = 0, v;
  for (long i = 0; i < n; i++)
    weir_go(leaf, c, i);
  for (long i = 0; i < n; i++) {
    CHECK(weir_recv(c, &v));
    sum += v;
  }
  CHECK_EQ(sum, n * (n - 1) / 2);
  weir_chan_free(c);
}
