// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdlib.h>
#include <weir/weir.h>

struct request {
  weir_ctx *ctx;
  int n;
};
int fetch(int n);
int check(int);
void keep(weir_ctx *ctx);
static weir_ctx *last;
static void worker(weir_ctx *ctx) {
  weir_recv(weir_ctx_done(ctx), NULL);
}

// On all ways: by a defer, by each, by one label, whatever the condition.
int by_defer(weir_ctx *parent, int n) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_defer(weir_ctx_free(ctx));
  if (n < 0) return -1;
  weir_go(worker, ctx);
  return fetch(n);
}
int by_each(weir_ctx *parent, int n) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  if (n < 0) {
    weir_ctx_cancel(ctx);
    return -1;
  }
  weir_ctx_free(ctx);
  return n;
}
int by_label(weir_ctx *parent, int n) {
  int status = -1;
  weir_ctx *ctx = weir_ctx_with_timeout(parent, WEIR_S(1));
  if (check(n)) goto out;
  status = fetch(n);
out:
  weir_ctx_free(ctx);
  return status;
}
int if_there_is_one(weir_ctx *parent, int ms) {
  weir_ctx *ctx = NULL;
  if (ms > 5) ctx = weir_ctx_with_timeout(parent, WEIR_MS(ms));
  int v = fetch(ms);
  if (ctx) weir_ctx_free(ctx);
  return v;
}
int by_flag(weir_ctx *parent, int ms) {
  weir_ctx *ctx = parent;
  int own = 0;
  if (check(ms)) {
    ctx = weir_ctx_with_timeout(parent, WEIR_MS(ms));
    own = 1;
  }
  int v = weir_ctx_err(ctx);
  if (own) weir_ctx_free(ctx);
  return v;
}
int if_not_the_parent(weir_ctx *parent, int ms) {
  weir_ctx *ctx = parent;
  if (check(ms)) ctx = weir_ctx_with_timeout(parent, WEIR_MS(ms));
  int v = weir_ctx_err(ctx);
  if (ctx != parent) weir_ctx_free(ctx);
  return v;
}

// Somebody else has it: returned, stored, passed on, captured.
weir_ctx *returned(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_go(worker, ctx);
  return ctx;
}
void stored(struct request *r, weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  r->ctx = ctx;
}
void stored_at_once(struct request *r, weir_ctx *parent) {
  r->ctx = weir_ctx_with_cancel(parent);
  last = weir_ctx_with_cancel(parent);
}
struct request in_a_value(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  return (struct request){.ctx = ctx, .n = 1};
}
void given(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  keep(ctx);
}
static void serve(weir_ctx *ctx, int n) {
  fetch(n);
  weir_ctx_free(ctx);
}
void given_to_a_goroutine(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_go(serve, ctx, 1);
}
void captured(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  weir_go_block(^{
    fetch(2);
    weir_ctx_free(ctx);
  });
}
static void finish(weir_ctx *ctx) {
  weir_ctx_cancel(ctx);
  weir_ctx_free(ctx);
}
int by_a_callee(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  int v = fetch(1);
  finish(ctx);
  return v;
}

// The process ends there.
void dies(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  if (check(1)) exit(1);
  weir_ctx_free(ctx);
}
int main(void) {
  weir_ctx *all = weir_ctx_with_cancel(NULL);
  weir_go(worker, all);
  return weir_ctx_err(all);
}
