// SPDX-License-Identifier: Apache-2.0
//
// Future: start a computation now, ask for its result later, any number of times.
//
// The result lies in the future itself, behind a fence that is opened once it is there. Opening
// wakes all who wait and lets all who come later pass, where an element of a channel could be
// received only once; and it orders the write of the result before every read of it, so that no
// lock is needed. A wait can be given up by a context; the computation goes on. Whoever made the
// future frees it when nobody asks any more; that waits for the end of the function, which
// would otherwise write into freed memory. (Where the wait is one case of a select, let the
// place of the fence be taken by a channel that is closed.)
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

struct future {
  weir_fence done; // open when the rest is valid
  int err;
  long value;
};

static void future_run(struct future *f, int (*compute)(long in, long *out), long in) {
  f->err = compute(in, &f->value);
  weir_fence_open(&f->done);
}

static struct future *future_start(int (*compute)(long in, long *out), long in) {
  struct future *f = calloc(1, sizeof *f);
  if (!f) abort();
  weir_go(future_run, f, compute, in);
  return f;
}

// 0 and the value, or the error of the function, or of the context if it was done before.
static int future_await(struct future *f, weir_ctx *ctx, long *value) {
  int err = weir_fence_wait_ctx(&f->done, ctx);
  if (err) return err;
  if (f->err == 0) *value = f->value;
  return f->err;
}

static void future_free(struct future *f) {
  weir_fence_wait(&f->done);
  free(f);
}

// --- use ------------------------------------------------------------------------------------

static int square_root(long in, long *out) {
  if (in < 0) return EDOM;
  long root = 0;
  while ((root + 1) * (root + 1) <= in)
    root++;
  *out = root;
  return 0;
}

// A computation that cannot go on before the gate is open.
static weir_fence gate;

static int root_after_gate(long in, long *out) {
  weir_fence_wait(&gate);
  return square_root(in, out);
}

static void ask(struct future *f, long *answer) {
  future_await(f, NULL, answer);
}

int main(void) {
  struct future *good = future_start(square_root, 1764), *bad = future_start(square_root, -1);
  weir_wg asking = {0};
  long answers[10] = {0}, sum = 0, value = 0;
  for (int i = 0; i < 10; i++)
    weir_wg_go(&asking, ask, good, &answers[i]);
  weir_wg_wait(&asking);
  for (int i = 0; i < 10; i++)
    sum += answers[i];
  printf("ten times the root: %ld\n", sum);
  printf("of -1: %s\n", strerror(future_await(bad, NULL, &value)));

  struct future *late = future_start(root_after_gate, 144);
  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(1));
  printf("too late: %s\n", strerror(future_await(late, ctx, &value)));
  weir_fence_open(&gate);
  printf("then: %d, ", future_await(late, NULL, &value));
  printf("%ld\n", value);
  future_free(good), future_free(bad), future_free(late);
  weir_ctx_free(ctx);
}

// Output:
// ten times the root: 420
// of -1: Numerical argument out of domain
// too late: Connection timed out
// then: 0, 12
