// SPDX-License-Identifier: Apache-2.0
//
// leak.h: from memory to the addresses in it. Everything that looks like a pointer into a block
// counts, from anywhere, to anywhere in it, at every byte (packed structs) and whatever its upper
// 16 bits are (tags). Most bytes can be no part of one: the two highest of the 48 bits of an
// address take few values. They are looked for, sixteen bytes at a time, not the words.
#include "detect/leak.h"

enum { TOPS_MAX = 3, TOP_AT = 5 }; // in a word: the byte of bits 40 to 47

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

static struct {
  bytes16 byte[TOPS_MAX]; // bits 40 to 47 of addresses, in every byte
  bool many;              // more than there is room for
  uintptr_t lowest;       // address of any block
} tops;

void weir_scan_learn(void) {
  size_t n = 0;
  for (size_t t = 0; t < 256; t++) {
    if (!weir_space_tops[t]) continue;
    if (n < TOPS_MAX) tops.byte[n] = (bytes16){0} + (uint8_t)t;
    n++;
  }
  for (size_t i = n; i && i < TOPS_MAX; i++)
    tops.byte[i] = tops.byte[0];
  tops.many = n == 0 || n > TOPS_MAX;
  tops.lowest = weir_space_lowest();
}

static void look_at_word(uintptr_t at) {
  uintptr_t word;
  __builtin_memcpy_inline(&word, (const void *)at, sizeof word);
  word &= WEIR_ADDRESS_MASK;
  if (weir_space_is_near(word) && word >= tops.lowest) weir_mark_queue(word);
}

static void scan_plainly(uintptr_t at, uintptr_t end) {
  for (; at < end; at++)
    look_at_word(at);
}

// Each byte of `found` that is set is the fifth of a word.
static void look_at_words(uintptr_t at, uint64_t found) {
  for (found &= 0x0101010101010101; found; found &= found - 1)
    look_at_word(at + (size_t)__builtin_ctzll(found) / 8);
}

// All words in [low, high), at every byte.
void weir_scan(uintptr_t low, uintptr_t high) {
  if (high - low < sizeof(uintptr_t)) return;
  uintptr_t at = low, end = high - sizeof(uintptr_t) + 1;
  for (; !tops.many && at + TOP_AT + sizeof(bytes16) <= high && at + sizeof(bytes16) <= end;
       at += sizeof(bytes16)) {
    bytes16 b;
    __builtin_memcpy_inline(&b, (const void *)(at + TOP_AT), sizeof b);
    words2 found = (words2)((b == tops.byte[0]) | (b == tops.byte[1]) | (b == tops.byte[2]));
    if (!(found[0] | found[1])) continue;
    look_at_words(at, found[0]);
    look_at_words(at + 8, found[1]);
  }
  scan_plainly(at, end);
}
