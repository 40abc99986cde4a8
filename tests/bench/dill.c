// SPDX-License-Identifier: Apache-2.0
//
// The cases of micro.c that libdill has too, under the same names: dill [-c] [-d DIVISOR] [NAME]...
// libdill runs on one thread and starts a coroutine at once, so its start has no queue; its
// channels have no buffer; a bundle stands for a wait group. run.py builds it where libdill is
// installed.
#include "bench.h"
#include <libdill.h>

#define CHECK(call) ((call) < 0 ? (perror(#call), exit(2)) : (void)0)

static coroutine void nothing(void) {}

static void start_finish(long n, int burst) {
  for (long i = 0; i < n / burst; i++) {
    int all = bundle();
    CHECK(all);
    for (int j = 0; j < burst; j++)
      CHECK(bundle_go(all, nothing()));
    CHECK(bundle_wait(all, -1));
    hclose(all);
  }
}

static void wait_group(long n, int coroutines) {
  start_finish(n * coroutines, coroutines);
}

static coroutine void yields(long n) {
  for (long i = 0; i < n; i++)
    CHECK(yield());
}

static void yield_among(long n, int coroutines) {
  int all = bundle();
  CHECK(all);
  for (int i = 0; i < coroutines; i++)
    CHECK(bundle_go(all, yields(n / coroutines)));
  CHECK(bundle_wait(all, -1));
  hclose(all);
}

static coroutine void echo(int in, int out, long n) {
  for (int v; n > 0; n--) {
    CHECK(chrecv(in, &v, sizeof v, -1));
    CHECK(chsend(out, &v, sizeof v, -1));
  }
}

static void close_both(const int *ch) {
  hclose(ch[0]);
  hclose(ch[1]);
}

static void round_trip(long n, int unused) {
  (void)unused;
  int to[2], from[2];
  CHECK(chmake(to));
  CHECK(chmake(from));
  int other = go(echo(to[1], from[1], n));
  CHECK(other);
  for (int i = 0, v; i < n; i++) {
    CHECK(chsend(to[0], &i, sizeof i, -1));
    CHECK(chrecv(from[0], &v, sizeof v, -1));
  }
  hclose(other);
  close_both(to);
  close_both(from);
}

static coroutine void produces(int ch, long n) {
  for (int i = 0; i < n; i++)
    CHECK(chsend(ch, &i, sizeof i, -1));
}

static void select_of_4(long n, int unused) {
  (void)unused;
  int ch[4][2], v, all = bundle();
  struct chclause clauses[4];
  CHECK(all);
  for (int i = 0; i < 4; i++) {
    CHECK(chmake(ch[i]));
    clauses[i] = (struct chclause){CHRECV, ch[i][0], &v, sizeof v};
    CHECK(bundle_go(all, produces(ch[i][1], n / 4)));
  }
  for (long i = 0; i < n / 4 * 4; i++)
    CHECK(choose(clauses, 4, -1));
  CHECK(bundle_wait(all, -1));
  hclose(all);
  for (int i = 0; i < 4; i++)
    close_both(ch[i]);
}

static const struct bench_case all_cases[] = {
    {"start-finish", start_finish, 1000000, 100, false},
    {"yield-2", yield_among, 3000000, 2, false},
    {"yield-1000", yield_among, 3000000, 1000, false},
    {"round-trip", round_trip, 800000, 0, false},
    {"select-4", select_of_4, 600000, 4, false},
    {"wait-group-1000", wait_group, 1000, 1000, false},
};

int main(int argc, char **argv) {
  bench_cases(all_cases, sizeof all_cases / sizeof *all_cases, argv + bench_options(argc, argv));
  return 0;
}
