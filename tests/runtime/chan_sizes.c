// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O2 %s -o %t && %t
// RUN: %weircc -O1 %s -o %t.i && %t.i
//
// Elements of every size class arrive whole: by the buffer, from a waiting sender, to a
// waiting receiver, and through the slot when the buffer is full. Zeroed at the end.
#include <string.h>

#include "check.h"

#define SIZES(X) \
  X(1) X(2) X(3) X(4) X(5) X(7) X(8) X(9) X(15) X(16) X(17) X(24) X(33) X(100) X(4096) X(65536)

static unsigned char at(size_t i, int seed) {
  return (unsigned char)(i * 31 + (size_t)seed * 7 + 1);
}

#define TEST(n)                                                                \
  struct e##n {                                                                \
    unsigned char b[n];                                                        \
  };                                                                           \
  static void fill##n(struct e##n *e, int seed) {                              \
    for (size_t i = 0; i < n; i++)                                             \
      e->b[i] = at(i, seed);                                                   \
  }                                                                            \
  static void expect##n(const struct e##n *e, int seed) {                      \
    for (size_t i = 0; i < n; i++)                                             \
      CHECK_EQ(e->b[i], at(i, seed));                                          \
  }                                                                            \
  static void feed##n(weir_chan(struct e##n) c, struct e##n *tmp, int count) { \
    for (int k = 0; k < count; k++) {                                          \
      fill##n(tmp, k);                                                         \
      weir_chan_send_((struct weir_chan_ *)c, tmp, WEIR_SITE("c"));            \
    }                                                                          \
    weir_close(c);                                                             \
  }                                                                            \
  static void run##n(int cap) {                                                \
    static struct e##n tmp, got;                                               \
    weir_chan(struct e##n) c = weir_chan_make(struct e##n, cap);               \
    weir_go(feed##n, c, &tmp, 10);                                             \
    for (int k = 0; k < 10; k++) {                                             \
      if (k % 3 == 0) weir_yield();                                            \
      CHECK(weir_recv(c, &got));                                               \
      expect##n(&got, k);                                                      \
    }                                                                          \
    CHECK(!weir_recv(c, &got));                                                \
    for (size_t i = 0; i < n; i++)                                             \
      CHECK_EQ(got.b[i], 0);                                                   \
    weir_chan_free(c);                                                         \
  }
SIZES(TEST)

struct nothing {};
static void signal_n(weir_chan(struct nothing) c, int n) {
  for (int i = 0; i < n; i++)
    weir_send(c, (struct nothing){});
  weir_close(c);
}
static void empty(int cap) {
  weir_chan(struct nothing) c = weir_chan_make(struct nothing, cap);
  weir_go(signal_n, c, 10);
  int n = 0;
  while (weir_recv(c, NULL))
    n++;
  CHECK_EQ(n, 10);
  weir_chan_free(c);
}

int main(void) {
  for (int cap = 0; cap < 4; cap++) {
#define RUN(n) run##n(cap);
    SIZES(RUN)
    empty(cap);
  }
}
