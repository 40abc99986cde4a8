// SPDX-License-Identifier: Apache-2.0
//
// A hedged request: ask one replica; if it has not answered after a while (take the 95th
// percentile of its latency), ask the next one as well, and so on. The first answer counts, and
// the others are told to stop. The slow tail gets short at the price of a few requests more.
//
// The answer channel has room for everybody's answer: a replica that comes second leaves its
// answer there and ends. Without room it would wait for ever for somebody to take it.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

struct replica {
  const char *name;
  int64_t latency;
};

struct answer {
  const char *from;
};

static void ask(weir_ctx *ctx, const struct replica *r, weir_chan(struct answer) answers) {
  if (weir_select(weir_on_recv(weir_after(r->latency), NULL, NULL),
                  weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0)
    weir_send(answers, (struct answer){r->name});
}

// 0 and *first, or why the context is done. *asked: how many replicas were.
static int hedge(weir_ctx *parent, const struct replica *replicas, int n, int64_t patience,
                 struct answer *first, int *asked) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_chan(struct answer) answers = weir_chan_make(struct answer, n);
  weir_timer *next = weir_timer_new(patience);
  weir_wg asking = {0};
  int event;
  *asked = 0;
  do {
    weir_wg_go(&asking, ask, ctx, &replicas[(*asked)++], answers);
    weir_timer_reset(next, patience);
    event = weir_select(weir_on_recv(answers, first, NULL),
                        weir_on_recv(weir_ctx_done(ctx), NULL, NULL),
                        weir_on_recv(*asked < n ? weir_timer_chan(next) : NULL, NULL, NULL));
  } while (event == 2);
  int err = event == 0 ? 0 : weir_ctx_err(ctx);
  weir_ctx_cancel(ctx); // the others need not go on
  weir_wg_wait(&asking);
  weir_timer_free(next);
  weir_chan_free(answers);
  weir_ctx_free(ctx);
  return err;
}

static void show(const char *what, int64_t limit, const struct replica *replicas, int n,
                 int64_t patience) {
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), limit);
  struct answer first;
  int asked, err = hedge(ctx, replicas, n, patience, &first, &asked);
  if (err == 0)
    printf("%s: %s, %d asked\n", what, first.from, asked);
  else
    printf("%s: no answer in time\n", what);
  weir_ctx_free(ctx);
}

int main(void) {
  const int64_t never = WEIR_S(3600), minute = WEIR_S(60);
  const struct replica well[] = {{"ash", WEIR_MS(1)}, {"elm", never}, {"fir", never}};
  const struct replica slow[] = {{"ash", never}, {"elm", never}, {"fir", WEIR_MS(1)}};
  const struct replica down[] = {{"ash", never}, {"elm", never}, {"fir", never}};
  show("all is well", minute, well, 3, minute);
  show("two are slow", minute, slow, 3, WEIR_MS(5));
  show("all are down", WEIR_MS(50), down, 3, WEIR_MS(1));
}

// Output:
// all is well: ash, 1 asked
// two are slow: fir, 3 asked
// all are down: no answer in time
