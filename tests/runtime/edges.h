// SPDX-License-Identifier: Apache-2.0
//
// What the edges*.c share: a variable that one goroutine writes and another reads, ways to bring
// goroutines into an order that no detector sees, and a main that runs the case named
// on the command line. One worker, no preemption: when another goroutine runs, the one before is
// parked or has yielded.
#ifndef WEIR_TESTS_EDGES_H
#define WEIR_TESTS_EDGES_H

#include <stdatomic.h>
#include <string.h>

#include "check.h"

const char *weir_default_options(void) {
  return "procs=1";
}

int x, seen;          // external, or an optimizer would drop the accesses
static atomic_int at; // relaxed: order without an edge

__attribute__((unused)) static void reach(int step) {
  atomic_store_explicit(&at, step, memory_order_relaxed);
}
__attribute__((unused)) static void await(int step) {
  while (atomic_load_explicit(&at, memory_order_relaxed) < step)
    weir_yield();
}
#ifndef ORDERS
__attribute__((noinline)) static void write_x(void) {
  x = 1;
}
__attribute__((noinline)) static void read_x(void) {
  __atomic_store_n(&seen, x, __ATOMIC_RELAXED); // only x is to race
}
#else // the same for orders of locks: what is not ordered can deadlock
static weir_mutex before_x, after_x;
__attribute__((noinline)) static void write_x(void) {
  weir_guard(&before_x);
  weir_guard(&after_x);
  x = 1;
}
__attribute__((noinline)) static void read_x(void) {
  weir_guard(&after_x);
  weir_guard(&before_x);
  __atomic_store_n(&seen, x, __ATOMIC_RELAXED);
}
#endif

struct edge_case {
  const char *name;
  void (*fn)(void);
};
#define CASE(fn) {#fn, fn}

// main of a test: EDGE_CASES(CASE(one), {"other", other_}, ...)
#define EDGE_CASES(...)                                     \
  int main(int argc, char **argv) {                         \
    static const struct edge_case all[] = {__VA_ARGS__};    \
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) \
      if (argc > 1 && !strcmp(argv[1], all[i].name)) {      \
        all[i].fn();                                        \
        return 0;                                           \
      }                                                     \
    CHECK(!"a known case");                                 \
  }

#endif
