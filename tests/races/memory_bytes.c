// SPDX-License-Identifier: Apache-2.0
//
// Bytes that overlap or lie side by side, and what the C library does to the memory of the program.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include <unistd.h>

#include "pairs.h"

long word;
int a[16];

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
OTHER(part_of_word, memcpy(raw, &word, 8))              // RACE: part_of_word
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
OTHER(strdup_, char *copy = strdup(text); use((long)copy); free(copy)) // RACE: strdup_
MINE(strdup_, text[1] = 'x', text[5] = 'x')                            // RACE: strdup_
OTHER(strcat_from, strcat(out, text))                                  // RACE: strcat_from
MINE(strcat_from, text[2] = 'x', text[5] = 'x')                        // RACE: strcat_from
OTHER(strcat_to, strcat(out, text))                                    // RACE: strcat_to
MINE(strcat_to, use(out[3]), use(out[4]))                              // RACE: strcat_to
OTHER(number, use(strtol(text, NULL, 36)))                             // RACE: number
MINE(number, text[0] = 'x', text2[0] = 'x')                            // RACE: number
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

CASES(CASE(union_), CASE(part_of_word), CASE(next_byte), CASE(next_short), CASE(bit_field),
      CASE(packed_field), CASE(not_aligned), CASE(memcpy_from), CASE(memcpy_to), CASE(memmove_),
      CASE(memset_), CASE(memset_const), CASE(memcmp_), CASE(strlen_), CASE(strcmp_), CASE(strcpy_),
      CASE(strdup_), CASE(strcat_from), CASE(strcat_to), CASE(number), CASE(printed),
      CASE(printed_to), CASE(printed_value), CASE(scanned), CASE(nothing_copied), CASE(sorted),
      CASE(read_into), CASE(parked_read), CASE(written_from))
