// SPDX-License-Identifier: Apache-2.0
//
// race_many [LIVE [STARTS]]: many goroutines under race checks, live at once, and started and
// finished one after the other; says what memory each live one holds. A stack that is used again
// shows no race with who had it before. ThreadSanitizer keeps some 350 bytes of every goroutine
// that ever was; more must not stay.
//
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t && %t 10000 100000 | FileCheck %s
// CHECK: 100000 started and finished: {{-?[0-9]+}} bytes each
// CHECK: 10000 live: {{[0-9]+}} bytes each
#include <stdlib.h>
#include <unistd.h>

#include "check.h"

enum { AT_ONCE = 40, MOST_BYTES = 40000, MOST_KEPT = 900 };

static long sum, live, starts;
static weir_mutex mu; // guards sum

static long resident(void) {
  long size = 0, pages = 0;
  FILE *in = fopen("/proc/self/statm", "r");
  CHECK(in && fscanf(in, "%ld %ld", &size, &pages) == 2);
  fclose(in);
  return pages * sysconf(_SC_PAGESIZE);
}

// On its own stack, as deep as depth says: whoever has it next writes there, too.
__attribute__((noinline)) static long work(int depth) {
  volatile char frame[600];
  for (size_t i = 0; i < sizeof frame; i += 8)
    frame[i] = (char)depth;
  return depth ? work(depth - 1) + frame[8] : frame[0];
}

static void waits(weir_wg *ready, weir_chan(char) gate, weir_wg *over) {
  weir_wg_done(ready);
  weir_recv(gate, NULL);
  weir_wg_done(over);
}

static void park_many(void) {
  weir_wg ready = {0}, over = {0};
  weir_chan(char) gate = weir_chan_make(char, 0);
  const long before = resident();
  weir_wg_add(&ready, (int)live);
  weir_wg_add(&over, (int)live);
  for (long i = 0; i < live; i++)
    weir_go(waits, &ready, gate, &over);
  weir_wg_wait(&ready);
  const long each = (resident() - before) / live;
  printf("%ld live: %ld bytes each\n", live, each);
  CHECK(each < MOST_BYTES);
  weir_close(gate);
  weir_wg_wait(&over);
}

static void short_lived(int depth, long *result, weir_wg *wg) {
  long mine[4] = {depth, depth, depth, depth};
  long *shared = &mine[depth % 4];
  *result = work(depth) + *shared;
  {
    weir_guard(&mu);
    sum += *result;
  }
  weir_wg_done(wg);
}

static void wave(void) {
  weir_wg wg = {0};
  long results[AT_ONCE];
  weir_wg_add(&wg, AT_ONCE);
  for (int i = 0; i < AT_ONCE; i++)
    weir_go(short_lived, i % 20, &results[i], &wg);
  weir_wg_wait(&wg);
}

static void start_many(void) {
  for (int i = 0; i < 50; i++)
    wave();
  const long before = resident();
  for (long done = 0; done < starts; done += AT_ONCE)
    wave();
  const long each = (resident() - before) / starts;
  printf("%ld started and finished: %ld bytes each\n", starts, each);
  CHECK(each < MOST_KEPT);
}

int main(int argc, char **argv) {
  live = argc > 1 ? atol(argv[1]) : 100000;
  starts = argc > 2 ? atol(argv[2]) : 1000000;
  start_many();
  park_many();
  return 0;
}
