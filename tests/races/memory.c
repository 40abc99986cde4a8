// SPDX-License-Identifier: Apache-2.0
//
// Which memory an access touches: types, fields, elements.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "pairs.h"

// --- types
enum color { RED, GREEN };
typedef int function(int);
static int twice(int n) {
  return 2 * n;
}
static int thrice(int n) {
  return 3 * n;
}
struct {
  char c, c2;
  short s, s2;
  long l, l2;
  float f, f2;
  double d, d2;
  long double ld, ld2;
  _Complex double cd, cd2;
  __int128 wide, wide2;
  int *p, *p2;
  bool b, b2;
  enum color e, e2;
  function *fn, *fn2;
} all = {.fn = twice, .fn2 = twice};

OTHER(char_, all.c = 1)                                   // RACE: char_
MINE(char_, all.c = 2, all.c2 = 2)                        // RACE: char_
OTHER(short_, all.s = 1)                                  // RACE: short_
MINE(short_, all.s = 2, all.s2 = 2)                       // RACE: short_
OTHER(long_, all.l = 1)                                   // RACE: long_
MINE(long_, all.l = 2, all.l2 = 2)                        // RACE: long_
OTHER(float_, all.f = 1)                                  // RACE: float_
MINE(float_, all.f = 2, all.f2 = 2)                       // RACE: float_
OTHER(double_, all.d = 1)                                 // RACE: double_
MINE(double_, all.d = 2, all.d2 = 2)                      // RACE: double_
OTHER(extended, all.ld = 1)                               // RACE: extended
MINE(extended, all.ld = 2, all.ld2 = 2)                   // RACE: extended
OTHER(complex_, __real__ all.cd = 1)                      // RACE: complex_
MINE(complex_, all.cd = 2, all.cd2 = 2)                   // RACE: complex_
OTHER(int128, all.wide = 1)                               // RACE: int128
MINE(int128, all.wide = 2, all.wide2 = 2)                 // RACE: int128
OTHER(pointer, all.p = &x)                                // RACE: pointer
MINE(pointer, all.p = &y, all.p2 = &y)                    // RACE: pointer
OTHER(bool_, all.b = true)                                // RACE: bool_
MINE(bool_, all.b = false, all.b2 = false)                // RACE: bool_
OTHER(enum_, all.e = GREEN)                               // RACE: enum_
MINE(enum_, all.e = RED, all.e2 = RED)                    // RACE: enum_
OTHER(function_pointer, all.fn = thrice)                  // RACE: function_pointer
MINE(function_pointer, all.fn = thrice, all.fn2 = thrice) // RACE: function_pointer
OTHER(call_through, all.fn = thrice)                      // RACE: call_through
MINE(call_through, use(all.fn(1)), use(all.fn2(1)))       // RACE: call_through

// --- structs
struct point {
  int x, y;
};
struct shape {
  struct point low, high;
};
struct pointers {
  struct point *one, *two;
};
struct point p, q;
struct shape s, t;
static struct point one, two, three;
struct pointers both = {&one, &two};
struct shape shapes[10];

OTHER(field, p.x = 1)                                                   // RACE: field
MINE(field, use(p.x), use(p.y))                                         // RACE: field
OTHER(struct_written, p = (struct point){1, 1})                         // RACE: struct_written
MINE(struct_written, use(p.y), use(q.y))                                // RACE: struct_written
OTHER(struct_read, q = p)                                               // RACE: struct_read
MINE(struct_read, p.y = 1, t.low.y = 1)                                 // RACE: struct_read
OTHER(inner_field, s.high.y = 1)                                        // RACE: inner_field
MINE(inner_field, s.high.y = 2, s.high.x = 2)                           // RACE: inner_field
OTHER(inner_struct, s.low.x = 1)                                        // RACE: inner_struct
MINE(inner_struct, s.low = p, s.high = p)                               // RACE: inner_struct
OTHER(outer_struct, s.high.y = 1)                                       // RACE: outer_struct
MINE(outer_struct, s = t, t = ((struct shape){{1, 1}, {1, 1}}))         // RACE: outer_struct
OTHER(by_pointer, both.two->x = 1)                                      // RACE: by_pointer
MINE(by_pointer, both.two->x = 2, both.two->y = 2)                      // RACE: by_pointer
OTHER(pointer_read, both.two->x = 1)                                    // RACE: pointer_read
MINE(pointer_read, both.two = &three, both.one = &three)                // RACE: pointer_read
OTHER(pointer_or_pointee, both.one->x = 1)                              // RACE: pointer_or_pointee
MINE(pointer_or_pointee, use(both.one->x), use((long)(size_t)both.one)) // RACE: pointer_or_pointee
OTHER(field_of_element, shapes[4].high.y = 1)                           // RACE: field_of_element
MINE(field_of_element, use(shapes[4].high.y), use(shapes[5].high.y))    // RACE: field_of_element
OTHER(address_through, both.two = &three)                               // RACE: address_through
static void use_address(const void *place) {
  use((long)(size_t)place);
}
MINE(address_through, use_address(&both.two->y), use_address(&both.one->y)) // RACE: address_through

// A result, a parameter and an argument are copies.
static struct shape large(int n) {
  return (struct shape){{n, n}, {n, n}};
}
__attribute__((noinline)) static long sum(struct shape of) {
  return of.low.x + of.high.y;
}
OTHER(result, s = large(opaque(1)))        // RACE: result
MINE(result, use(s.high.x), use(t.high.x)) // RACE: result
OTHER(parameter, s.low.x = 1)              // RACE: parameter
MINE(parameter, use(sum(s)), use(sum(t)))  // RACE: parameter

// --- arrays
int a[16], b[16];
struct huge {
  int part[20000];
} huge, huge2;
OTHER(element, a[3] = 1)                                               // RACE: element
MINE(element, a[3] = 2, a[4] = 2)                                      // RACE: element
OTHER(index, x = 5)                                                    // RACE: index
MINE(index, a[x] = 1, a[y] = 1)                                        // RACE: index
OTHER(variable_index, a[opaque(3)] = 1)                                // RACE: variable_index
MINE(variable_index, use(a[opaque(3)]), use(a[opaque(4)]))             // RACE: variable_index
OTHER(huge_copied, huge.part[15000] = 1)                               // RACE: huge_copied
MINE(huge_copied, huge = huge2, huge2 = (struct huge){{1}})            // RACE: huge_copied
OTHER(sliced, a[5] = 1)                                                // RACE: sliced
MINE(sliced, memcpy(a, b, 6 * sizeof *a), memcpy(a, b, 5 * sizeof *a)) // RACE: sliced

CASES(CASE(char_), CASE(short_), CASE(long_), CASE(float_), CASE(double_), CASE(extended),
      CASE(complex_), CASE(int128), CASE(pointer), CASE(bool_), CASE(enum_), CASE(function_pointer),
      CASE(call_through), CASE(field), CASE(struct_written), CASE(struct_read), CASE(inner_field),
      CASE(inner_struct), CASE(outer_struct), CASE(by_pointer), CASE(pointer_read),
      CASE(pointer_or_pointee), CASE(field_of_element), CASE(address_through), CASE(result),
      CASE(parameter), CASE(element), CASE(index), CASE(variable_index), CASE(huge_copied),
      CASE(sliced))
