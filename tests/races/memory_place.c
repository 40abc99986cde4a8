// SPDX-License-Identifier: Apache-2.0
//
// Races on memory wherever it lies: in the heap, on a stack, in a function, in a block.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <stdarg.h>

#include "pairs.h"

struct point {
  int x, y;
};

static char *block;
static void heap_other(void) {
  block[5] = 1; // RACE: heap, heap_freed
  hidden_post();
}
static void heap_racy(void) {
  block = malloc(16);
  weir_go(heap_other);
  hidden_wait(1);
  block[5] = 2; // RACE: heap
}
static void heap_quiet(void) {
  block = malloc(16);
  weir_go(heap_other);
  hidden_wait(1);
  block[6] = 2;
}
static void heap_freed(bool wait) {
  weir_chan(int) done = weir_chan_make(int, 1);
  block = malloc(16);
  weir_go_block(^{
    heap_other();
    weir_send(done, 1);
  });
  hidden_wait(1);
  if (wait) weir_recv(done, NULL);
  free(block); // RACE: heap_freed
}
static void heap_freed_racy(void) {
  heap_freed(false);
}
static void heap_freed_quiet(void) {
  heap_freed(true);
}

// Memory that is freed and handed out again is new memory, whoever has it; the old pointer is none.
static void heap_again_racy(void) {
  char *old = block = malloc(100);
  weir_go_block(^{
    old[5] = 1;
    free(old); // RACE: heap_again
    hidden_post();
  });
  hidden_wait(1);
  use(old[5]); // RACE: heap_again
}
static void heap_again_quiet(void) {
  char *old = block = malloc(100);
  weir_go_block(^{
    old[5] = 1;
    free(old);
    hidden_post();
  });
  hidden_wait(1);
  char *again = malloc(100);
  again[5] = 2;
  use(again[5]);
  free(again);
}

static void stack(bool own) {
  int shared = 0, other = 0;
  int *place = own ? &other : &shared;
  weir_go_block(^{
    *place = 1; // RACE: stack
    hidden_post();
  });
  hidden_wait(1);
  use(*&shared); // RACE: stack
}
static void stack_racy(void) {
  stack(false);
}
static void stack_quiet(void) {
  stack(true);
}
static void stack_of_goroutine(bool same) {
  weir_chan(int *) address = weir_chan_make(int *, 1);
  weir_go_block(^{
    int mine[2] = {0, 0};
    weir_send(address, mine);
    mine[0] = 1; // RACE: stack_lent
    hidden_post();
    hidden_wait(2);
    use(mine[opaque(1)]);
    hidden_post();
  });
  int *theirs;
  weir_recv(address, &theirs);
  hidden_wait(1);
  if (same) theirs[0] = 2; // RACE: stack_lent
  hidden_post();
  hidden_wait(3);
}
static void stack_lent_racy(void) {
  stack_of_goroutine(true);
}
static void stack_lent_quiet(void) {
  stack_of_goroutine(false);
}
static void use_point(struct point *place) {
  place->y = 1; // RACE: stack_field
  hidden_post();
}
static void stack_field(bool own) {
  struct point shared = {0, 0}, other = {0, 0};
  weir_go(use_point, own ? &other : &shared);
  hidden_wait(1);
  use(shared.y); // RACE: stack_field
}
static void stack_field_racy(void) {
  stack_field(false);
}
static void stack_field_quiet(void) {
  stack_field(true);
}
__attribute__((noinline)) static void count(bool atomically) {
  static int calls;
  if (atomically)
    use(__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED));
  else
    use(++calls); // RACE: static_local
  hidden_post();
}
static void static_local(bool atomically) {
  weir_go(count, atomically);
  hidden_wait(1);
  count(atomically);
}
static void static_local_racy(void) {
  static_local(false);
}
static void static_local_quiet(void) {
  static_local(true);
}

// A block captures values, a pointer is one; what is captured is read when the goroutine starts.
static void captured(bool by_pointer) {
  int value = opaque(1), *place = &value;
  if (by_pointer)
    weir_go_block(^{
      use(*place); // RACE: captured
      hidden_post();
    });
  else
    weir_go_block(^{
      use(value);
      hidden_post();
    });
  hidden_wait(1);
  *place = 2; // RACE: captured
  use(*place);
}
static void captured_racy(void) {
  captured(true);
}
static void captured_quiet(void) {
  captured(false);
}
static void look_at(int *place, int value) {
  use(place ? *place : value); // RACE: go_argument
  hidden_post();
}
static void go_argument(bool by_pointer) {
  weir_go(look_at, by_pointer ? &x : NULL, x);
  hidden_wait(1);
  x = 1; // RACE: go_argument
}
static void go_argument_racy(void) {
  go_argument(true);
}
static void go_argument_quiet(void) {
  go_argument(false);
}
static void use_int(int value) {
  use(value);
}
static void deferred(bool now) {
  weir_chan(int) done = weir_chan_make(int, 1);
  weir_go_block(^{
    x = 1; // RACE: defer_argument
    weir_send(done, 1);
    hidden_post();
  });
  hidden_wait(1);
  if (now) {
    weir_defer(use_int, x); // RACE: defer_argument
    weir_recv(done, NULL);
  } else {
    weir_defer(use_int, y);
    weir_recv(done, NULL);
  }
}
static void defer_argument_racy(void) {
  deferred(true);
}
static void defer_argument_quiet(void) {
  deferred(false);
}
__attribute__((noinline)) static long add_up(int n, ...) {
  va_list args;
  long total = 0;
  va_start(args, n);
  while (n-- > 0)
    total += *va_arg(args, int *); // RACE: variadic
  va_end(args);
  return total;
}
static void several(int *place) {
  weir_go_block(^{
    x = 1; // RACE: variadic
    hidden_post();
  });
  hidden_wait(1);
  use(add_up(1, place));
}
static void variadic_racy(void) {
  several(&x);
}
static void variadic_quiet(void) {
  several(&y);
}
static void grown(bool wait) {
  weir_chan(int) done = weir_chan_make(int, 1);
  block = malloc(16);
  weir_go_block(^{
    block[3] = 1; // RACE: reallocated
    weir_send(done, 1);
    hidden_post();
  });
  hidden_wait(1);
  if (wait) weir_recv(done, NULL);
  char *more = realloc(block, 4000); // RACE: reallocated
  use(more[3]);
  free(more);
}
static void reallocated_racy(void) {
  grown(false);
}
static void reallocated_quiet(void) {
  grown(true);
}

CASES(CASE(heap), CASE(heap_freed), CASE(heap_again), CASE(stack), CASE(stack_lent),
      CASE(stack_field), CASE(static_local), CASE(captured), CASE(go_argument),
      CASE(defer_argument), CASE(variadic), CASE(reallocated))
