// SPDX-License-Identifier: Apache-2.0
//
// Redundant requests: the same question to all replicas at once. The first good answer wins,
// the others are cancelled, and only if every one failed is there an error. It costs n times the
// work for the latency of the fastest; see hedged.c for the cheaper form.
//
// Failures travel through the same channel as answers, so whoever collects them always hears
// from each replica or has stopped listening; room for all makes both right.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

struct replica {
  int64_t latency;
  int err; // what it answers with; 0: the price
  int price;
};

struct answer {
  int replica, err, price;
};

static struct answer query(weir_ctx *ctx, const struct replica *r, int number) {
  if (weir_select(weir_on_recv(weir_after(r->latency), NULL, NULL),
                  weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1)
    return (struct answer){number, weir_ctx_err(ctx), 0};
  return (struct answer){number, r->err, r->price};
}

static void ask(weir_ctx *ctx, const struct replica *r, int number,
                weir_chan(struct answer) answers) {
  weir_send(answers, query(ctx, r, number));
}

// The first good answer, or the last failure. *cancelled: how many others were still at work.
static struct answer first_of(weir_ctx *parent, const struct replica *replicas, int n,
                              int *cancelled) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_chan(struct answer) answers = weir_chan_make(struct answer, n);
  struct answer best = {.err = ENOENT}, a;
  weir_wg asking = {0};
  for (int i = 0; i < n; i++)
    weir_wg_go(&asking, ask, ctx, &replicas[i], i, answers);
  for (int i = 0; i < n && best.err; i++)
    weir_recv(answers, &best);
  weir_ctx_cancel(ctx);
  weir_wg_wait(&asking);
  for (*cancelled = 0; weir_try_recv(answers, &a, NULL);)
    *cancelled += a.err == ECANCELED;
  weir_chan_free(answers);
  weir_ctx_free(ctx);
  return best;
}

static void show(const char *what, weir_ctx *ctx, const struct replica *replicas, int n) {
  int cancelled;
  struct answer a = first_of(ctx, replicas, n, &cancelled);
  if (a.err == 0)
    printf("%s: %d from replica %d, %d cancelled\n", what, a.price, a.replica, cancelled);
  else
    printf("%s: error %s\n", what, a.err == ETIMEDOUT ? "timeout" : "refused");
}

int main(void) {
  const int64_t never = WEIR_S(3600);
  const struct replica one_fast[] = {{never, 0, 1}, {never, 0, 2}, {WEIR_MS(1), 0, 3}};
  const struct replica one_good[] = {{0, ECONNREFUSED, 0}, {WEIR_MS(1), 0, 5}, {never, 0, 6}};
  const struct replica all_bad[] = {{0, ECONNREFUSED, 0}, {WEIR_MS(1), ECONNREFUSED, 0}};
  const struct replica all_slow[] = {{never, 0, 1}, {never, 0, 2}};
  weir_ctx *soon = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(20));
  show("one is fast", weir_ctx_background(), one_fast, 3);
  show("one is good", weir_ctx_background(), one_good, 3);
  show("all are bad", weir_ctx_background(), all_bad, 2);
  show("all are slow", soon, all_slow, 2);
  weir_ctx_free(soon);
}

// Output:
// one is fast: 3 from replica 2, 2 cancelled
// one is good: 5 from replica 1, 1 cancelled
// all are bad: error refused
// all are slow: error timeout
