// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && %t && WEIR_OPTIONS=procs=1 %t
// RUN: %weircc %s -o %t.i && %t.i
//
// Timers: never early, in order of their times, over at once for nothing or less, and far
// ones never fire. A spent weir_after channel blocks like any empty one.
#include "check.h"

static void sleeps(void) {
  int64_t before = weir_now();
  weir_sleep(0);
  weir_sleep(-WEIR_S(5));
  CHECK(weir_now() - before < WEIR_S(4));
  before = weir_now();
  weir_sleep(WEIR_MS(15));
  CHECK(weir_now() - before >= WEIR_MS(15));
}

static void in_order(void) {
  static const int delay[5] = {40, 10, 50, 20, 30}; // all due before any is received
  weir_chan(int64_t) c[5];
  int64_t start = weir_now(), when[5];
  for (int i = 0; i < 5; i++)
    c[i] = weir_after(WEIR_MS(delay[i]));
  for (int i = 0; i < 5; i++)
    CHECK(weir_recv(c[i], &when[i]));
  for (int i = 0; i < 5; i++) {
    CHECK(when[i] - start >= WEIR_MS(delay[i]));
    for (int j = 0; j < 5; j++)
      if (delay[i] < delay[j]) CHECK(when[i] <= when[j]);
  }
}

static void spent(void) {
  weir_chan(int64_t) c = weir_after(WEIR_MS(1)), far = weir_after(INT64_MAX);
  CHECK(weir_recv(c, NULL));
  for (int i = 0; i < 100; i++) {
    CHECK_EQ(weir_select(weir_on_recv(c, NULL, NULL), weir_on_recv(far, NULL, NULL),
                         weir_on_recv(weir_after(0), NULL, NULL)),
             2);
  }
}

static void nap(weir_chan(int) out, int ms) {
  weir_sleep(WEIR_MS(ms % 7));
  weir_send(out, ms);
}
static void many_sleepers(void) {
  enum { N = 2000 };
  weir_chan(int) out = weir_chan_make(int, 0);
  long sum = 0;
  for (int i = 0; i < N; i++)
    weir_go(nap, out, i);
  for (int i = 0; i < N; i++) {
    int v;
    weir_recv(out, &v);
    sum += v;
  }
  CHECK_EQ(sum, (long)N * (N - 1) / 2);
  weir_chan_free(out);
}

// Many more than are kept aside: their memory is used again.
static void recycled(void) {
  for (int i = 0; i < 5000; i++) {
    int64_t at = 0, before = weir_now();
    CHECK(weir_recv(weir_after(0), &at));
    CHECK(at >= before);
  }
}

int main(void) {
  sleeps();
  in_order();
  spent();
  many_sleepers();
  recycled();
}
