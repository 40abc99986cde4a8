// SPDX-License-Identifier: Apache-2.0
//
// Reads that an optimizer likes to make in advance, because they cannot fault. Another goroutine
// has written x (or a field), unordered; only the path that is taken may be reported, and it must
// be.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py --levels=-O1,-O3 %s %t %weir %weircc
#include "cases.h"

static void written(int *place) {
  weir_go_block(^{
    *place = 1; // RACE: *
    hidden_post();
  });
  hidden_wait(1);
}

// Both forms of a case: the function that gets true where the other one's place is to be read.
#define EITHER(name)               \
  static void name##_racy(void) {  \
    name(true);                    \
  }                                \
  static void name##_quiet(void) { \
    name(false);                   \
  }

static void then(bool first) {
  written(&x);
  int value = z;
  if (opaque(first)) value = x; // RACE: then
  use(value);
}
EITHER(then)
static void through_pointer(bool first) {
  written(&x);
  int *from = opaque(first) ? &x : &z;
  use(*from); // RACE: through_pointer
}
EITHER(through_pointer)
static void or_local(bool first) {
  written(&x);
  int mine = opaque(3), *from = opaque(first) ? &x : &mine;
  use(*from); // RACE: or_local
}
EITHER(or_local)
static void or_known(bool first) {
  written(&x);
  y = 4;
  use(opaque(first) ? x : y); // RACE: or_known
}
EITHER(or_known)

struct pair {
  int a, b;
};
static struct pair left, right;
static void field(bool first) {
  written(&left.b);
  struct pair *from = opaque(first) ? &left : &right;
  use(from->b); // RACE: field
}
EITHER(field)
static void whole(bool first) {
  written(&left.b);
  struct pair copy = opaque(first) ? left : right; // RACE: whole
  use(copy.a + copy.b);
}
EITHER(whole)
static void of_three(bool first) {
  written(&x);
  int which = opaque(first) ? 0 : opaque(2);
  use(which == 0 ? x : which == 1 ? y : z); // RACE: of_three
}
EITHER(of_three)
// The second read must not make the first choice read it, too.
static void read_later(bool first) {
  written(&x);
  int *from = opaque(false) ? &x : &z;
  long sum = *from;
  if (opaque(first)) sum += x; // RACE: read_later
  use(sum);
}
EITHER(read_later)

static int numbers[64];
static void in_loop(bool first) {
  written(&x);
  long sum = 0;
  const int n = opaque(64), which = opaque(first);
  for (int i = 0; i < n; i++)
    sum += which ? x : numbers[i]; // RACE: in_loop
  use(sum);
}
EITHER(in_loop)

// A variable that a loop writes on some path is not read in front of the loop.
static void kept_over_loop(bool first) {
  written(&x);
  if (first) numbers[50] = 1;
  const int n = opaque(64);
  for (int i = 0; i < n; i++)
    if (numbers[i]) x += numbers[i]; // RACE: kept_over_loop
}
EITHER(kept_over_loop)
static void never_entered(bool first) {
  written(&x);
  long sum = 0;
  for (int i = opaque(first ? 0 : 64); i < 64; i++)
    sum += x; // RACE: never_entered
  use(sum);
}
EITHER(never_entered)

// What lies between the fields that a loop reads.
static struct pair pairs[256];
static void every_second(bool first) {
  written(first ? &pairs[40].a : &pairs[40].b);
  long sum = 0;
  for (int i = 0; i < 256; i++)
    sum += pairs[i].a; // RACE: every_second
  use(sum);
}
EITHER(every_second)
static void every_second_of_some(bool first) {
  written(first ? &pairs[40].b : &pairs[40].a);
  long sum = 0;
  for (int i = 0, n = opaque(200); i < n; i++)
    sum += pairs[i].b; // RACE: every_second_of_some
  use(sum);
}
EITHER(every_second_of_some)
static void where_asked(bool first) {
  written(&numbers[9]);
  long sum = 0;
  for (int i = 0; i < 64; i++)
    if (i == 9 ? first : pairs[i].a == 0) sum += numbers[i]; // RACE: where_asked
  use(sum);
}
EITHER(where_asked)

CASES(CASE(then), CASE(through_pointer), CASE(or_local), CASE(or_known), CASE(field), CASE(whole),
      CASE(of_three), CASE(read_later), CASE(in_loop), CASE(kept_over_loop), CASE(never_entered),
      CASE(every_second), CASE(every_second_of_some), CASE(where_asked))
