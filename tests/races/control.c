// SPDX-License-Identifier: Apache-2.0
//
// Which accesses an expression and a statement of C make: those that are evaluated and no others.
// Another goroutine has written *place, unordered; then the statement reads or writes x, and in
// the quiet form y or nothing.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

int a[16];

static void written(int *place) {
  weir_go_block(^{
    *place = 1; // RACE: *
    hidden_post();
  });
  hidden_wait(1);
}

// A case whose two forms are the same function, called with the place that the other one writes.
#define PAIR(name)                 \
  static void name##_racy(void) {  \
    name(&x);                      \
  }                                \
  static void name##_quiet(void) { \
    name(&y);                      \
  }

// --- short circuits: what stands on the right may not be evaluated
int zero, one = 1;

static void and_left(int *place) {
  written(place);
  if (x && opaque(1)) use(1); // RACE: and_left
}
PAIR(and_left)
static void and_right(int left) {
  written(&x);
  if (opaque(left) && x) use(1); // RACE: and_right
}
static void and_right_racy(void) {
  and_right(1);
}
static void and_right_quiet(void) {
  and_right(0);
}
static void or_left(int *place) {
  written(place);
  if (x || opaque(1)) use(1); // RACE: or_left
}
PAIR(or_left)
static void or_right(int left) {
  written(&x);
  if (opaque(left) || x) use(1); // RACE: or_right
}
static void or_right_racy(void) {
  or_right(0);
}
static void or_right_quiet(void) {
  or_right(1);
}
static void ternary(bool first) {
  written(&x);
  use(opaque(first) ? x : z); // RACE: ternary
}
static void ternary_racy(void) {
  ternary(true);
}
static void ternary_quiet(void) {
  ternary(false);
}
static void comma(int *place) {
  written(place);
  use((use(x), z)); // RACE: comma
}
PAIR(comma)

// --- sizeof, typeof and & do not evaluate
static void size_of(bool evaluate) {
  written(&x);
  use(evaluate ? (long)(sizeof x + (unsigned)x) : (long)sizeof x); // RACE: size_of
}
static void size_of_racy(void) {
  size_of(true);
}
static void size_of_quiet(void) {
  size_of(false);
}
static void address_of(bool evaluate) {
  written(&x);
  int *p = &x;
  use((long)(size_t)p);
  if (evaluate) use(*p); // RACE: address_of
}
static void address_of_racy(void) {
  address_of(true);
}
static void address_of_quiet(void) {
  address_of(false);
}

// --- switch
static void switch_on(int *place) {
  written(place);
  switch (x) { // RACE: switch_on
  case 7:
    use(1);
    break;
  default:
    use(2);
  }
}
PAIR(switch_on)
static void switch_body(int chosen) {
  written(&x);
  switch (opaque(chosen)) {
  case 1:
    x = 1; // RACE: switch_body
    break;
  default:
    z = 5;
  }
}
static void switch_body_racy(void) {
  switch_body(1);
}
static void switch_body_quiet(void) {
  switch_body(2);
}
static void falls(int through) {
  written(&x);
  switch (opaque(1)) {
  case 1:
    if (!opaque(through)) break;
    __attribute__((fallthrough));
  case 2:
    x = 2; // RACE: falls_through
  }
}
static void falls_through_racy(void) {
  falls(1);
}
static void falls_through_quiet(void) {
  falls(0);
}

// --- if, goto, early return
static void branch(int condition) {
  written(&x);
  if (opaque(condition))
    x = 2; // RACE: if_body
  else
    use(2);
}
static void if_body_racy(void) {
  branch(1);
}
static void if_body_quiet(void) {
  branch(0);
}
static void jump(int over) {
  written(&x);
  if (opaque(over)) goto end;
  x = 2; // RACE: jumped_over
end:
  use(1);
}
static void jumped_over_racy(void) {
  jump(0);
}
static void jumped_over_quiet(void) {
  jump(1);
}
__attribute__((noinline)) static int leave(int early) {
  if (opaque(early)) return 0;
  return x; // RACE: early_return
}
static void early_return_racy(void) {
  written(&x);
  use(leave(0));
}
static void early_return_quiet(void) {
  written(&x);
  use(leave(1));
}

// --- loops
static void for_init(int *place) {
  written(place);
  for (x = 42; opaque(0);) // RACE: for_init
    use(1);
}
PAIR(for_init)
static void for_test(int *place) {
  written(place);
  for (int i = 5; i < x; i++) // RACE: for_test
    use(i);
}
PAIR(for_test)
static void for_increment(int rounds) {
  written(&x);
  for (int i = 0; i < opaque(rounds); x++) // RACE: for_increment
    i++;
}
static void for_increment_racy(void) {
  for_increment(1);
}
static void for_increment_quiet(void) {
  for_increment(0);
}
static void while_test(int *place) {
  written(place);
  while (x > 100) // RACE: while_test
    use(1);
}
PAIR(while_test)
static void while_body(int rounds) {
  written(&x);
  while (opaque(rounds)) {
    x = 1; // RACE: while_body
    break;
  }
}
static void while_body_racy(void) {
  while_body(1);
}
static void while_body_quiet(void) {
  while_body(0);
}
static void do_body(int *place) {
  written(place);
  do
    x = 3; // RACE: do_body
  while (opaque(0));
}
PAIR(do_body)

// A loop over an array, of which the other one has written an element inside or outside.
static void loop_reads(int *place) {
  long sum = 0;
  written(place);
  for (int i = 0; i < 8; i++)
    sum += a[i]; // RACE: loop_reads
  use(sum);
}
static void loop_reads_racy(void) {
  loop_reads(&a[5]);
}
static void loop_reads_quiet(void) {
  loop_reads(&a[8]);
}
static void loop_writes(int *place, int n) {
  written(place);
  for (int i = 0; i < n; i++)
    a[i] = i; // RACE: loop_writes
}
static void loop_writes_racy(void) {
  loop_writes(&a[5], opaque(8));
}
static void loop_writes_quiet(void) {
  loop_writes(&a[8], opaque(8));
}
static void loop_leaves(int stop) {
  written(&a[5]);
  for (int i = 0; i < 8; i++) {
    if (i == opaque(stop)) break;
    a[i] = i; // RACE: loop_leaves
  }
}
static void loop_leaves_racy(void) {
  loop_leaves(7);
}
static void loop_leaves_quiet(void) {
  loop_leaves(3);
}
static void loop_steps(int from) {
  written(&a[4]);
  for (int i = from; i < 16; i += 2)
    a[i] = i; // RACE: loop_steps
}
static void loop_steps_racy(void) {
  loop_steps(opaque(0));
}
static void loop_steps_quiet(void) {
  loop_steps(opaque(1));
}

// --- every operator reads its operands and writes what it assigns
#define OPERATOR(name, expression) \
  static void name(int *place) {   \
    written(place);                \
    expression;                    \
  }                                \
  PAIR(name)
OPERATOR(plus, z = x + one)                                        // RACE: plus
OPERATOR(plus_right, z = one + x)                                  // RACE: plus_right
OPERATOR(complement, z = ~x)                                       // RACE: complement
OPERATOR(divide, z = x / one)                                      // RACE: divide
OPERATOR(divide_by, z = zero / (x + 1))                            // RACE: divide_by
OPERATOR(divide_constant, z = x / 3)                               // RACE: divide_constant
OPERATOR(modulo, z = x % one)                                      // RACE: modulo
OPERATOR(modulo_constant, z = x % 3)                               // RACE: modulo_constant
OPERATOR(rotate, z = (int)((unsigned)x << 12 | (unsigned)x >> 20)) // RACE: rotate
OPERATOR(compare, z = x == one)                                    // RACE: compare
OPERATOR(convert, use((long)(double)x))                            // RACE: convert
OPERATOR(assign, x = one)                                          // RACE: assign
OPERATOR(increment, x++)                                           // RACE: increment
OPERATOR(decrement, --x)                                           // RACE: decrement
OPERATOR(add_assign, x += one)                                     // RACE: add_assign
OPERATOR(or_assign, x |= one)                                      // RACE: or_assign
OPERATOR(swap, one = x; x = zero)                                  // RACE: swap
OPERATOR(subscript, z = a[x])                                      // RACE: subscript
static void initialize(int first, int second) {
  int k[] = {first, second};
  use(k[opaque(1)]);
}
OPERATOR(initializer, initialize(0, x)) // RACE: initializer
OPERATOR(argument, use(x))              // RACE: argument

// Reads do not race with reads.
static void read_only(bool write) {
  weir_go_block(^{
    if (write) x = 1; // RACE: reads_only
    use(x + z);
    hidden_post();
  });
  hidden_wait(1);
  use(z + x); // RACE: reads_only
}
static void reads_only_racy(void) {
  read_only(true);
}
static void reads_only_quiet(void) {
  read_only(false);
}

CASES(CASE(and_left), CASE(and_right), CASE(or_left), CASE(or_right), CASE(ternary), CASE(comma),
      CASE(size_of), CASE(address_of), CASE(switch_on), CASE(switch_body), CASE(falls_through),
      CASE(if_body), CASE(jumped_over), CASE(early_return), CASE(for_init), CASE(for_test),
      CASE(for_increment), CASE(while_test), CASE(while_body), CASE(do_body), CASE(loop_reads),
      CASE(loop_writes), CASE(loop_leaves), CASE(loop_steps), CASE(plus), CASE(plus_right),
      CASE(complement), CASE(divide), CASE(divide_by), CASE(divide_constant), CASE(modulo),
      CASE(modulo_constant), CASE(rotate), CASE(compare), CASE(convert), CASE(assign),
      CASE(increment), CASE(decrement), CASE(add_assign), CASE(or_assign), CASE(swap),
      CASE(subscript), CASE(initializer), CASE(argument), CASE(reads_only))
