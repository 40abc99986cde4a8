// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int fetch(int n);
int check(int);
static void worker(weir_ctx *ctx) {
  weir_recv(weir_ctx_done(ctx), NULL);
}

int early_return(weir_ctx *parent, int n) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  if (n < 0) return -1; // expect: context-not-cancelled 'ctx' is not cancelled when early_return is left here
  weir_go(worker, ctx);
  n = fetch(n);
  weir_ctx_cancel(ctx);
  return n;
}

void never(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_timeout(parent, WEIR_S(5)); // expect: context-not-cancelled 'ctx' is never cancelled
  weir_go(worker, ctx);
  check(1);
}

int one_case(weir_ctx *parent, weir_chan(int) results) {
  int v;
  weir_ctx *ctx = weir_ctx_with_deadline(parent, weir_now() + WEIR_MS(3));
  switch (weir_select(weir_on_recv(results, &v, NULL), weir_on_recv(weir_ctx_done(ctx), NULL, NULL))) {
  case 0: weir_ctx_free(ctx); return v;
  default: return -1; // expect: context-not-cancelled 'ctx' is not cancelled when one_case is left here
  }
}

int in_turns(weir_ctx *parent, int n) {
  int sum = 0;
  while (n-- > 0) {
    weir_ctx *ctx = weir_ctx_with_timeout(parent, WEIR_MS(1)); // expect: context-not-cancelled in the next turn
    if (fetch(n) == 0) continue;
    sum++;
    weir_ctx_free(ctx);
  }
  if (sum) return sum;
  for (;;)
    weir_yield();
}

static int ask(weir_ctx *ctx, int n) {
  return weir_ctx_err(ctx) ? -1 : fetch(n);
}
int the_callee_only_asks(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent); // expect: context-not-cancelled 'ctx' is never cancelled
  return ask(ctx, 3);
}

weir_ctx *returned_on_one_way(weir_ctx *parent) {
  weir_ctx *ctx = weir_ctx_with_cancel(parent);
  if (check(2)) return NULL; // expect: context-not-cancelled 'ctx' is not cancelled when returned_on_one_way
  if (check(3)) {
    weir_ctx_free(ctx);
    return NULL;
  }
  return ctx;
}

int set_later(weir_ctx *parent, int ms) {
  weir_ctx *ctx;
  ctx = weir_ctx_with_timeout_cause(parent, WEIR_MS(ms), 7);
  if (!ctx || check(ms)) goto out;
  weir_ctx_cancel_cause(ctx, 8);
  return 0;
out:
  return -1; // expect: context-not-cancelled 'ctx' is not cancelled when set_later is left here
}
int main(void) {
  return 0;
}
