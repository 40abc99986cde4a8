// SPDX-License-Identifier: Apache-2.0
// REQUIRES: races
// RUN: %weircc -O1 %s -o %t
// RUN: for s in fence fence_late fence_ctx fence_asked fence_new once_value once_place; \
// RUN:   do echo $s; %t $s || exit 1; done
// RUN: for s in fence_second_open fence_not_open fence_gave_up fence_waiters once_value_late; \
// RUN:   do echo $s; not %t $s 2>&1 | FileCheck %s || exit 1; done
// CHECK: data race
//
// As edges.c, for fence and once values: in the first list the write of x is ordered before the
// read, in the second it is not, though every run does one after the other. One worker, no
// preemption.
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

const char *weir_default_options(void) {
  return "procs=1";
}

int x, seen;          // external, or an optimizer would drop the accesses
static atomic_int at; // relaxed: order without an edge

static void reach(int step) {
  atomic_store_explicit(&at, step, memory_order_relaxed);
}
static void await(int step) {
  while (atomic_load_explicit(&at, memory_order_relaxed) < step)
    weir_yield();
}
static void let_park(void) {
  for (int i = 0; i < 10; i++)
    weir_yield();
}
__attribute__((noinline)) static void write_x(void) {
  x = 1;
}
__attribute__((noinline)) static void read_x(void) {
  __atomic_store_n(&seen, x, __ATOMIC_RELAXED);
}

// --- fence ---------------------------------------------------------------------------------------
static weir_fence gate;

static void write_open(void) {
  write_x();
  weir_fence_open(&gate);
  reach(1);
}
static void wait_read(void) {
  weir_fence_wait(&gate);
  read_x();
  reach(2);
}
static void fence(void) { // to those who wait
  weir_go(wait_read);
  let_park();
  weir_go(write_open);
  await(2);
}
static void fence_late(void) {
  weir_go(write_open);
  await(1);
  weir_fence_wait(&gate);
  read_x();
}
static void wait_ctx_read(weir_ctx *ctx) {
  CHECK_EQ(weir_fence_wait_ctx(&gate, ctx), 0);
  read_x();
  reach(2);
}
static void fence_ctx(void) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_go(wait_ctx_read, ctx);
  let_park();
  weir_go(write_open);
  await(2);
}
static void fence_asked(void) {
  weir_go(write_open);
  await(1);
  CHECK(weir_fence_is_open(&gate));
  read_x();
}
static void fence_new(void) { // in memory that another was in: silent
  weir_fence *f = malloc(sizeof *f);
  for (int i = 0; i < 2; i++) {
    memset(f, 0, sizeof *f);
    weir_fence_open(f);
    weir_fence_wait(f);
  }
  free(f);
}
static void fence_second_open(void) {
  weir_fence_open(&gate);
  weir_go(write_open);
  await(1);
  weir_fence_wait(&gate);
  read_x();
}
static void write_ask(void) {
  write_x();
  CHECK(!weir_fence_is_open(&gate));
  reach(1);
}
static void fence_not_open(void) { // asking is before nothing
  weir_go(write_ask);
  await(1);
  weir_fence_open(&gate);
  read_x();
}
static void write_give_up(weir_ctx *ctx) {
  write_x();
  CHECK(weir_fence_wait_ctx(&gate, ctx) != 0);
  reach(1);
}
static void fence_gave_up(void) {
  weir_go(write_give_up, weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(1)));
  await(1);
  weir_fence_open(&gate);
  weir_fence_wait(&gate);
  read_x();
}
static void write_wait(void) {
  write_x();
  weir_fence_wait(&gate);
  reach(2);
}
static void fence_waiters(void) { // two that wait are not ordered
  weir_go(write_wait);
  weir_go(wait_read);
  let_park();
  weir_fence_open(&gate);
  await(2);
  let_park();
}

// --- once values
// -----------------------------------------------------------------------------------
static weir_once once;
static int place;
static int make(void) {
  write_x();
  reach(1);
  let_park();
  return 5;
}
static void ask(void) {
  weir_once_value(&once, &place, make);
  reach(2);
}
static void once_value(void) {
  weir_go(ask);
  await(1); // it is in the function
  CHECK_EQ(weir_once_value(&once, &place, make), 5);
  read_x();
}
static void once_place(void) { // the place itself may be read afterwards
  weir_go(ask);
  await(2);
  weir_once_func(&once, abort);
  CHECK_EQ(place, 5);
  read_x();
}
static void write_ask_late(void) {
  write_x();
  weir_once_func(&once, abort);
  reach(1);
}
static void nothing(void) {}
static void once_value_late(void) { // a call that finds it done is before nothing
  weir_once_func(&once, nothing);
  weir_go(write_ask_late);
  await(1);
  weir_once_func(&once, abort);
  read_x();
}

int main(int argc, char **argv) {
#define CASE(fn) \
  if (argc > 1 && !strcmp(argv[1], #fn)) return fn(), 0;
  CASE(fence)
  CASE(fence_late)
  CASE(fence_ctx)
  CASE(fence_asked)
  CASE(fence_new)
  CASE(once_value)
  CASE(once_place)
  CASE(fence_second_open)
  CASE(fence_not_open)
  CASE(fence_gave_up)
  CASE(fence_waiters)
  CASE(once_value_late)
  CHECK(!"a known case");
}
