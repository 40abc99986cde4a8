// SPDX-License-Identifier: Apache-2.0
//
// The cases of micro.c that neco has too, under the same names: neco [-c] [-d DIVISOR] [NAME]...
// neco runs on one thread and starts a coroutine at once, so its start has no queue. run.py builds
// it where neco.h and libneco are installed.
#include "bench.h"
#include <neco.h>

#define CHECK(call) ((call) != NECO_OK ? (fprintf(stderr, "%s failed\n", #call), exit(2)) : (void)0)

static void nothing(int argc, void *argv[]) {
  (void)argc;
  CHECK(neco_waitgroup_done(argv[0]));
}

static void start_finish(long n, int burst) {
  for (long i = 0; i < n / burst; i++) {
    neco_waitgroup wg;
    CHECK(neco_waitgroup_init(&wg));
    CHECK(neco_waitgroup_add(&wg, burst));
    for (int j = 0; j < burst; j++)
      CHECK(neco_start(nothing, 1, &wg));
    CHECK(neco_waitgroup_wait(&wg));
  }
}

static void wait_group(long n, int coroutines) {
  start_finish(n * coroutines, coroutines);
}

static void yields(int argc, void *argv[]) {
  (void)argc;
  neco_waitgroup *wg = argv[0];
  for (long i = 0, n = *(long *)argv[1]; i < n; i++)
    CHECK(neco_yield());
  CHECK(neco_waitgroup_done(wg));
}

static void yield_among(long n, int coroutines) {
  neco_waitgroup wg;
  long each = n / coroutines;
  CHECK(neco_waitgroup_init(&wg));
  CHECK(neco_waitgroup_add(&wg, coroutines));
  for (int i = 0; i < coroutines; i++)
    CHECK(neco_start(yields, 2, &wg, &each));
  CHECK(neco_waitgroup_wait(&wg));
}

static void echo(int argc, void *argv[]) {
  (void)argc;
  neco_chan *in = argv[0], *out = argv[1];
  for (int v; neco_chan_recv(in, &v) == NECO_OK;)
    CHECK(neco_chan_send(out, &v));
  CHECK(neco_chan_close(out));
}

static void round_trip(long n, int unused) {
  (void)unused;
  neco_chan *to, *from;
  CHECK(neco_chan_make(&to, sizeof(int), 0));
  CHECK(neco_chan_make(&from, sizeof(int), 0));
  CHECK(neco_start(echo, 2, to, from));
  for (int i = 0, v; i < n; i++) {
    CHECK(neco_chan_send(to, &i));
    CHECK(neco_chan_recv(from, &v));
  }
  CHECK(neco_chan_close(to));
  int last;
  neco_chan_recv(from, &last); // the other has closed it
  neco_chan_release(to);
  neco_chan_release(from);
}

struct transfer {
  neco_chan *ch;
  neco_waitgroup wg;
  long each;
};

static void produces(int argc, void *argv[]) {
  (void)argc;
  struct transfer *t = argv[0];
  neco_chan *ch = argv[1];
  for (int i = 0; i < t->each; i++)
    CHECK(neco_chan_send(ch, &i));
  CHECK(neco_waitgroup_done(&t->wg));
}

static void consumes(int argc, void *argv[]) {
  (void)argc;
  struct transfer *t = argv[0];
  for (int i = 0, v; i < t->each; i++)
    CHECK(neco_chan_recv(t->ch, &v));
  CHECK(neco_waitgroup_done(&t->wg));
}

static void buffered(long n, int pairs) {
  struct transfer t = {.each = n / pairs};
  CHECK(neco_chan_make(&t.ch, sizeof(int), 128));
  CHECK(neco_waitgroup_init(&t.wg));
  CHECK(neco_waitgroup_add(&t.wg, 2 * pairs));
  for (int i = 0; i < pairs; i++) {
    CHECK(neco_start(produces, 2, &t, t.ch));
    CHECK(neco_start(consumes, 1, &t));
  }
  CHECK(neco_waitgroup_wait(&t.wg));
  neco_chan_release(t.ch);
}

static void select_of_4(long n, int unused) {
  (void)unused;
  neco_chan *ch[4];
  struct transfer t = {.each = n / 4};
  CHECK(neco_waitgroup_init(&t.wg));
  CHECK(neco_waitgroup_add(&t.wg, 4));
  for (int i = 0; i < 4; i++) {
    CHECK(neco_chan_make(&ch[i], sizeof(int), 0));
    CHECK(neco_start(produces, 2, &t, ch[i]));
  }
  for (long i = 0, v; i < n / 4 * 4; i++)
    CHECK(neco_chan_case(ch[neco_chan_selectv(4, ch)], &v));
  CHECK(neco_waitgroup_wait(&t.wg));
  for (int i = 0; i < 4; i++)
    neco_chan_release(ch[i]);
}

static const struct bench_case all_cases[] = {
    {"start-finish", start_finish, 1000000, 100, false},
    {"yield-2", yield_among, 3000000, 2, false},
    {"yield-1000", yield_among, 3000000, 1000, false},
    {"round-trip", round_trip, 800000, 0, false},
    {"buffered-1:1", buffered, 4000000, 1, false},
    {"buffered-4:4", buffered, 4000000, 4, false},
    {"select-4", select_of_4, 600000, 4, false},
    {"wait-group-1000", wait_group, 1000, 1000, false},
};

int neco_main(int argc, char *argv[]) {
  bench_cases(all_cases, sizeof all_cases / sizeof *all_cases, argv + bench_options(argc, argv));
  return 0;
}
