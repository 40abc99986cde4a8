// SPDX-License-Identifier: Apache-2.0
//
// GoKer's kubernetes_70892: The work is done in parallel for each node, but what is written is one
// result for each priority, by every worker. Mostly one worker is through before the other begins.
//
// A tool must name two workers that the pool started, and the results. In the fixed form there is a
// piece of work for each priority, which writes its own result.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: reduce_all worker parallelize results
#include <stdlib.h>
#include <weir/weir.h>

enum { PRIORITIES = 3, NODES = 2, WORKERS = 2 };

struct scores {
  int *of;
  int n;
};
static struct scores results[PRIORITIES];

static struct scores reduce(int n, const int *from) {
  struct scores s = {calloc((size_t)n, sizeof(int)), n};
  for (int i = 0; i < n; i++)
    s.of[i] = from[i];
  return s;
}

static void reduce_one(int priority) {
  static const int reduced[] = {7, 8, 9};
  // CHECK-DAG: kubernetes_70892.c:[[@LINE+1]]
  if (results[priority].of[0] != 4) results[priority] = reduce(3, reduced);
}

#ifdef FIXED
enum { PIECES = PRIORITIES };
static void reduce_all(int piece) {
  reduce_one(piece);
}
#else
enum { PIECES = NODES };
static void reduce_all(int piece) {
  (void)piece;
  for (int i = 0; i < PRIORITIES; i++)
    reduce_one(i);
}
#endif

static void worker(weir_chan(char) stop, weir_chan(int) work, void (*process)(int), weir_wg *all) {
  weir_defer(weir_wg_done(all));
  int piece;
  while (weir_recv(work, &piece)) {
    if (weir_select(weir_on_recv(stop, NULL, NULL), weir_on_default()) == 0) return;
    process(piece);
  }
}

static void parallelize(weir_ctx *ctx, int workers, int pieces, void (*process)(int)) {
  weir_chan(char) stop = ctx ? weir_ctx_done(ctx) : NULL;
  weir_chan(int) work = weir_chan_make(int, pieces);
  for (int i = 0; i < pieces; i++)
    weir_send(work, i);
  weir_close(work);
  if (workers > pieces) workers = pieces;
  weir_wg all = {0};
  weir_wg_add(&all, workers);
  for (int i = 0; i < workers; i++)
    weir_go(worker, stop, work, process, &all); // CHECK-DAG: kubernetes_70892.c:[[@LINE]]
  weir_wg_wait(&all);
  weir_chan_free(work);
}

int main(void) {
  for (int i = 0; i < PRIORITIES; i++)
    results[i] = (struct scores){calloc(NODES, sizeof(int)), NODES};
  parallelize(weir_ctx_background(), WORKERS, PIECES, reduce_all);
  int sum = 0;
  for (int i = 0; i < PRIORITIES; i++)
    sum += results[i].of[0];
  return sum != 3 * 7;
}
