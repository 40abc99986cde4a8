// SPDX-License-Identifier: Apache-2.0
//
// Which memory an access touches: types, fields, elements, overlaps, copies, what the C library
// does for the program, and where the memory lies. OTHER is what another goroutine has done,
// MINE what main then does, unordered: in the racy form to the same bytes, in the quiet one to
// others.
//
// UNSEEN -O0 extended: ThreadSanitizer's pass has no check of 10 bytes, and wide= works with -O1 up
// UNSEEN -O0 strdup_: ThreadSanitizer's strdup does not look at the string
// UNSEEN -O2 strdup_: the same
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include "cases.h"

#define OTHER(name, ...)           \
  static void name##_other(void) { \
    __VA_ARGS__;                   \
    hidden_post();                 \
  }
#define MINE(name, race, peace)    \
  static void name##_racy(void) {  \
    weir_go(name##_other);         \
    hidden_wait(1);                \
    race;                          \
  }                                \
  static void name##_quiet(void) { \
    weir_go(name##_other);         \
    hidden_wait(1);                \
    peace;                         \
  }

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
__attribute__((noinline)) static long add_up(int n, ...) {
  va_list args;
  long total = 0;
  va_start(args, n);
  while (n-- > 0)
    total += *va_arg(args, int *); // RACE: variadic
  va_end(args);
  return total;
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

// --- bytes: overlapping, beside each other, not aligned
union {
  long word;
  char bytes[8];
} u, u2;
struct {
  unsigned one : 3, two : 5;
  unsigned : 0;
  unsigned apart : 3;
} bits;
struct __attribute__((packed)) {
  char head;
  int number;
  char tail;
} packed;
_Alignas(16) char raw[32];
static int *unaligned(int at) {
  return (int *)(raw + at);
}
typedef int loose __attribute__((aligned(1)));

OTHER(union_, u.word = 1)                               // RACE: union_
MINE(union_, u.bytes[6] = 1, u2.bytes[6] = 1)           // RACE: union_
OTHER(part_of_word, memcpy(raw, &all.l, 8))             // RACE: part_of_word
MINE(part_of_word, raw[7] = 1, raw[8] = 1)              // RACE: part_of_word
OTHER(next_byte, raw[1] = 1)                            // RACE: next_byte
MINE(next_byte, raw[1] = 2, raw[2] = 2)                 // RACE: next_byte
OTHER(next_short, *(short *)(raw + 2) = 1)              // RACE: next_short
MINE(next_short, raw[3] = 2, raw[4] = 2)                // RACE: next_short
OTHER(bit_field, bits.one = 1)                          // RACE: bit_field
MINE(bit_field, bits.two = 1, bits.apart = 1)           // RACE: bit_field
OTHER(packed_field, packed.number = 1)                  // RACE: packed_field
MINE(packed_field, use(packed.number), packed.tail = 1) // RACE: packed_field
OTHER(not_aligned, *(loose *)unaligned(6) = 1)          // RACE: not_aligned
MINE(not_aligned, raw[9] = 1, raw[10] = 1)              // RACE: not_aligned

// --- what the C library does to the program's memory
char text[64] = "one", text2[64] = "two", out[64], out2[64];
OTHER(memcpy_from, memcpy(out, text, (size_t)opaque(20)))              // RACE: memcpy_from
MINE(memcpy_from, text[19] = 1, text[20] = 1)                          // RACE: memcpy_from
OTHER(memcpy_to, memcpy(out, text, (size_t)opaque(20)))                // RACE: memcpy_to
MINE(memcpy_to, use(out[19]), use(out[20]))                            // RACE: memcpy_to
OTHER(memmove_, memmove(out + 1, out, (size_t)opaque(20)))             // RACE: memmove_
MINE(memmove_, use(out[20]), use(out[21]))                             // RACE: memmove_
OTHER(memset_, memset(out, 1, (size_t)opaque(20)))                     // RACE: memset_
MINE(memset_, out[0] = 2, out[20] = 2)                                 // RACE: memset_
OTHER(memset_const, memset(out, 1, 20))                                // RACE: memset_const
MINE(memset_const, out[19] = 2, out[20] = 2)                           // RACE: memset_const
OTHER(memcmp_, use(memcmp(text, text2, (size_t)opaque(2))))            // RACE: memcmp_
MINE(memcmp_, text2[0] = 'x', text2[2] = 'x')                          // RACE: memcmp_
OTHER(strlen_, use((long)strlen(text)))                                // RACE: strlen_
MINE(strlen_, text[3] = 0, text[4] = 0)                                // RACE: strlen_
OTHER(strcmp_, use(strcmp(text, text2)))                               // RACE: strcmp_
MINE(strcmp_, text[0] = 'x', text[30] = 'x')                           // RACE: strcmp_
OTHER(strcpy_, strcpy(out, text))                                      // RACE: strcpy_
MINE(strcpy_, use(out[3]), use(out[4]))                                // RACE: strcpy_
OTHER(strdup_, free(strdup(text)))                                     // RACE: strdup_
MINE(strdup_, text[1] = 'x', text[5] = 'x')                            // RACE: strdup_
OTHER(printed, snprintf(out, sizeof out, "%s", text))                  // RACE: printed
MINE(printed, text[1] = 'x', text[5] = 'x')                            // RACE: printed
OTHER(printed_to, snprintf(out, sizeof out, "%d", opaque(1234)))       // RACE: printed_to
MINE(printed_to, use(out[3]), use(out[5]))                             // RACE: printed_to
OTHER(printed_value, snprintf(out, sizeof out, "%d", x))               // RACE: printed_value
MINE(printed_value, x = 1, y = 1)                                      // RACE: printed_value
OTHER(scanned, use(sscanf("5", "%d", &x)))                             // RACE: scanned
MINE(scanned, use(x), use(y))                                          // RACE: scanned
OTHER(nothing_copied, memcpy(out, text, (size_t)opaque(1)))            // RACE: nothing_copied
MINE(nothing_copied, out[0] = 1, memcpy(out, text, (size_t)opaque(0))) // RACE: nothing_copied

static int ends[2];
static int by_value(const void *one_, const void *two_) {
  return *(const int *)one_ - *(const int *)two_; // RACE: sorted
}
OTHER(sorted, qsort(a, 2, sizeof *a, by_value))
MINE(sorted, a[1] = 2, a[2] = 2) // RACE: sorted

// read(2) fills a buffer that was handed on.
static void fill(void) {
  MUST(pipe(ends) == 0 && write(ends[1], "0123456789", 10) == 10);
}
OTHER(read_into, fill(); MUST(read(ends[0], out, 10) == 10))         // RACE: read_into
MINE(read_into, use(out[9]), use(out[10]))                           // RACE: read_into
OTHER(parked_read, fill(); MUST(weir_read(ends[0], out, 10) == 10))  // RACE: parked_read
MINE(parked_read, use(out[9]), use(out[10]))                         // RACE: parked_read
OTHER(written_from, fill(); MUST(weir_write(ends[1], text, 8) == 8)) // RACE: written_from
MINE(written_from, text[7] = 1, text[8] = 1)                         // RACE: written_from

// --- where it lies: in the heap, on a stack, in a function
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

CASES(CASE(char_), CASE(short_), CASE(long_), CASE(float_), CASE(double_), CASE(extended),
      CASE(complex_), CASE(int128), CASE(pointer), CASE(bool_), CASE(enum_), CASE(function_pointer),
      CASE(call_through), CASE(field), CASE(struct_written), CASE(struct_read), CASE(inner_field),
      CASE(inner_struct), CASE(outer_struct), CASE(by_pointer), CASE(pointer_read),
      CASE(pointer_or_pointee), CASE(field_of_element), CASE(address_through), CASE(result),
      CASE(parameter), CASE(element), CASE(index), CASE(variable_index), CASE(huge_copied),
      CASE(sliced), CASE(union_), CASE(part_of_word), CASE(next_byte), CASE(next_short),
      CASE(bit_field), CASE(packed_field), CASE(not_aligned), CASE(memcpy_from), CASE(memcpy_to),
      CASE(memmove_), CASE(memset_), CASE(memset_const), CASE(memcmp_), CASE(strlen_),
      CASE(strcmp_), CASE(strcpy_), CASE(strdup_), CASE(printed), CASE(printed_to),
      CASE(printed_value), CASE(scanned), CASE(nothing_copied), CASE(sorted), CASE(read_into),
      CASE(parked_read), CASE(written_from), CASE(heap), CASE(heap_freed), CASE(heap_again),
      CASE(stack), CASE(stack_lent), CASE(stack_field), CASE(static_local), CASE(captured),
      CASE(go_argument), CASE(defer_argument), CASE(variadic), CASE(reallocated))
