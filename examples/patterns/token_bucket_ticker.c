// SPDX-License-Identifier: Apache-2.0
//
// A rate limiter with a goroutine: a ticker puts a token into a buffered channel at a fixed
// rate, and who wants to do something takes one out first. The capacity of the channel is the
// burst: what may happen at once after a pause.
//
// A full bucket loses the token (weir_try_send). A send that blocks would hold the refilling
// goroutine where its context cannot reach it. Whoever starts that goroutine also stops it,
// waits for it, and only then frees what it uses.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

struct bucket {
  weir_chan(char) tokens;
  weir_ticker *ticker;
  weir_ctx *life; // of the goroutine that refills
  weir_wg refilling;
};

static void refill(struct bucket *b) {
  while (weir_select(weir_on_recv(weir_ticker_chan(b->ticker), NULL, NULL),
                     weir_on_recv(weir_ctx_done(b->life), NULL, NULL)) == 0)
    weir_try_send(b->tokens, 1);
}

static void bucket_start(struct bucket *b, int burst, int64_t period) {
  *b = (struct bucket){.tokens = weir_chan_make(char, burst),
                       .ticker = weir_ticker_new(period),
                       .life = weir_ctx_with_cancel(weir_ctx_background())};
  for (int i = 0; i < burst; i++)
    weir_send(b->tokens, 1);
  weir_wg_go(&b->refilling, refill, b);
}

static void bucket_stop(struct bucket *b) {
  weir_ctx_cancel(b->life);
  weir_wg_wait(&b->refilling);
  weir_ctx_free(b->life);
  weir_ticker_free(b->ticker);
  weir_chan_free(b->tokens);
}

// Waits for a token. 0, or why the context is done.
static int bucket_take(struct bucket *b, weir_ctx *ctx) {
  return weir_select(weir_on_recv(b->tokens, NULL, NULL),
                     weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0
             ? 0
             : weir_ctx_err(ctx);
}

// --- a service that is not to be asked too often ------------------------------------------

enum { CLIENTS = 4, REQUESTS = 5, BURST = 5 };

static void client(struct bucket *b, int *served) {
  for (int i = 0; i < REQUESTS; i++)
    if (bucket_take(b, weir_ctx_background()) == 0) ++*served;
}

static void under_load(void) {
  const int64_t period = WEIR_MS(2);
  struct bucket bucket;
  weir_wg clients = {0};
  int served[CLIENTS] = {0}, all = 0;
  int64_t began = weir_now();
  bucket_start(&bucket, BURST, period);
  for (int i = 0; i < CLIENTS; i++)
    weir_wg_go(&clients, client, &bucket, &served[i]);
  weir_wg_wait(&clients);
  bool within = weir_now() - began >= (CLIENTS * REQUESTS - BURST) * period;
  bucket_stop(&bucket);
  for (int i = 0; i < CLIENTS; i++)
    all += served[i];
  printf("%d requests, a burst of %d: %s\n", all, BURST, within ? "within the rate" : "too fast");
}

static void impatient(void) {
  struct bucket bucket;
  bucket_start(&bucket, 1, WEIR_S(3600));
  weir_ctx *soon = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(5));
  int first = bucket_take(&bucket, weir_ctx_background());
  int second = bucket_take(&bucket, soon);
  printf("first: %s, second: %s\n", first == 0 ? "token" : "none",
         second == ETIMEDOUT ? "gave up" : "token");
  weir_ctx_free(soon);
  bucket_stop(&bucket);
}

int main(void) {
  under_load();
  impatient();
}

// Output:
// 20 requests, a burst of 5: within the rate
// first: token, second: gave up
