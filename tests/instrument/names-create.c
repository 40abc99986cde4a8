// SPDX-License-Identifier: Apache-2.0
//
// A new channel or context is named by where it is stored.
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -w -DWEIR_BUILDING -I%include -O2 %s %S/Inputs/print_sites.c -o %t && %t | FileCheck %s
#include <stdlib.h>
#include <weir/weir.h>

typedef struct {
  weir_chan(int) results;
  weir_chan(int) shards[2];
} server;
struct pool {
  int size;
  union {
    weir_chan(int) idle;
    int raw;
  };
  struct {
    weir_chan(int) quit;
  } control;
};

static weir_chan(int) make_queue(void) {
  return weir_chan_make(int, 3); // CHECK-DAG: [[@LINE]]: make_queue: make_queue()
}
static void start(weir_chan(int) work) {
  (void)work;
}
static void drop(void *p, ...) {
  (void)p;
}

int main(int argc, char **argv) {
  weir_chan(int) jobs = weir_chan_make(int, 1); // CHECK-DAG: [[@LINE]]: main: jobs
  weir_chan(int) maybe =
      argc ? (weir_chan_make(int, 0)) : NULL; // CHECK-DAG: [[@LINE]]: main: maybe
  static weir_chan(int) global;
  global = weir_chan_make(int, 2); // CHECK-DAG: [[@LINE]]: main: global
  server *s = malloc(sizeof *s), t[2];
  s->results = weir_chan_make(int, 1);                // CHECK-DAG: [[@LINE]]: main: server.results
  s->shards[argc] = weir_chan_make(int, 2);           // CHECK-DAG: [[@LINE]]: main: server.shards[]
  t[1].results = weir_chan_make(int, 2);              // CHECK-DAG: [[@LINE]]: main: t[].results
  server ordered = {weir_chan_make(int, 1)};          // CHECK-DAG: [[@LINE]]: main: server.results
  server named = {.shards = {weir_chan_make(int, 1),  // CHECK-DAG: [[@LINE]]: main: server.shards[]
                             weir_chan_make(int, 1)}, // CHECK-DAG: [[@LINE]]: main: server.shards[]
                  .results = weir_chan_make(int, 1)}; // CHECK-DAG: [[@LINE]]: main: server.results
  *s = (server){.shards[1] = weir_chan_make(int, 1)}; // CHECK-DAG: [[@LINE]]: main: server.shards[]
  struct pool p = {.idle = weir_chan_make(int, 1),    // CHECK-DAG: [[@LINE]]: main: pool.idle
                   .control.quit =
                       weir_chan_make(int, 1)}; // CHECK-DAG: [[@LINE]]: main: pool.control.quit
  p.control.quit = weir_chan_make(int, 0);      // CHECK-DAG: [[@LINE]]: main: pool.control.quit
  struct {
    weir_chan(int) in;
  } local = {weir_chan_make(int, 1)};                  // CHECK-DAG: [[@LINE]]: main: local.in
  weir_chan(int) workers[] = {weir_chan_make(int, 1)}; // CHECK-DAG: [[@LINE]]: main: workers[]
  for (int i = 0; i < 1; i++)
    workers[i] = weir_chan_make(int, i);     // CHECK-DAG: [[@LINE]]: main: workers[]
  start(weir_chan_make(int, 4));             // CHECK-DAG: [[@LINE]]: main: work
  weir_go(start, weir_chan_make(int, 5));    // CHECK-DAG: [[@LINE]]: main: work
  weir_go(&start, (weir_chan_make(int, 5))); // CHECK-DAG: [[@LINE]]: main: work
  drop(weir_chan_make(int, 4));              // CHECK-DAG: [[@LINE]]: main: p
  drop(NULL, weir_chan_make(int, 4));        // CHECK-DAG: [[@LINE]]: main: ~{{$}}
  (void)weir_chan_make(int, 4);              // CHECK-DAG: [[@LINE]]: main: ~{{$}}
  jobs = make_queue();
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background()); // CHECK-DAG: [[@LINE]]: main: ctx
  weir_ctx *child[2];
  child[0] = weir_ctx_with_timeout(ctx, WEIR_MS(1)); // CHECK-DAG: [[@LINE]]: main: child[]
  weir_chan(int64_t) limit = weir_after(WEIR_MS(5)); // CHECK-DAG: [[@LINE]]: main: limit
  (void)weir_after(WEIR_MS(5));                      // CHECK-DAG: [[@LINE]]: main: ~weir_after
  return 0;
}
