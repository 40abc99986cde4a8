// SPDX-License-Identifier: Apache-2.0
//
// leak.h: the heap of a program that carries ThreadSanitizer's runtime (LLVM 19, x86-64, 48 bits),
// by arithmetic: no call into the allocator and no lock, so it does not matter where a thread was
// stopped. A region of 2^34 bytes for each size, blocks one after the other from its beginning;
// a block is in use if the detector has a note for its first word. What is larger is a mapping.
// The layout is no interface: before its first use it is compared with what the allocator itself
// says, for many sizes; if anything differs nothing is concluded, ever.
//
// The detector's own memory lies among the program's mappings and is full of addresses of the
// program's. It has no shadow that was ever written, where the program's has: a mapping counts as
// the program's if its first or last page, or else the page in question, was.
#include <stdlib.h>

#include "detect/leak.h"
#include "os/maps.h"
#include "os/snapshot.h"

enum { REGION_LOG = 34, CLASSES = 52, SMALL_CLASSES = 16, PAGE = 4096 };
#define SPACE ((uintptr_t)0x720000000000)
#define SPACE_END ((uintptr_t)0x730000000000)
#define LOW_APP_END ((uintptr_t)0x020000000000)
#define MID_APP ((uintptr_t)0x550000000000)
#define MID_APP_END ((uintptr_t)0x5a0000000000)
#define HIGH_APP ((uintptr_t)0x7a0000000000)
#define SHADOW ((uintptr_t)0x100000000000)
#define SHADOW_END ((uintptr_t)0x300000000000)
#define ADDRESS_BITS_OF_APP (~(uintptr_t)0x700000000007)

extern const void *__sanitizer_get_allocated_begin(const void *p)
    __attribute__((weak, visibility("default")));

static uintptr_t size_of_class(unsigned c) {
  if (c <= SMALL_CLASSES) return 16 * (uintptr_t)c;
  uintptr_t power = (uintptr_t)256 << ((c - SMALL_CLASSES) >> 2);
  return power + (power >> 2) * ((c - SMALL_CLASSES) & 3);
}

static const volatile uint32_t *note_at(uintptr_t block) {
  return (const volatile uint32_t *)(((block & ADDRESS_BITS_OF_APP) / 2) | 0x300000000000);
}
static uint32_t note_of(uintptr_t block) {
  return *note_at(block);
}

void weir_tsan_block_prefetch(uintptr_t address) {
  __builtin_prefetch((const void *)note_at(address));
}

bool weir_tsan_block_in_use(uintptr_t block) {
  return note_of(block) != 0;
}

// The block that an address lies in, by our arithmetic; 0: none.
static uintptr_t begin_of(uintptr_t address) {
  if (address < SPACE || address >= SPACE_END) return 0;
  uintptr_t region = address >> REGION_LOG << REGION_LOG;
  unsigned c = (unsigned)((address - SPACE) >> REGION_LOG);
  if (c == 0 || c >= CLASSES) return 0;
  return region + (address - region) / size_of_class(c) * size_of_class(c);
}

static bool agrees(size_t size) {
  char *p = malloc(size);
  __asm__ volatile("" : "+r"(p)::"memory");
  if (!p) return false;
  uintptr_t at = (uintptr_t)p;
  bool ok = begin_of(at) == at && begin_of(at + size - 1) == at && note_of(at) != 0 &&
            (uintptr_t)__sanitizer_get_allocated_begin(p + size - 1) == at;
  free(p);
  return ok && note_of(at) == 0;
}

bool weir_tsan_heap_learn(void) {
  static enum { UNKNOWN, GOOD, BAD } layout;
  if (layout == UNKNOWN) {
    layout = __sanitizer_get_allocated_begin ? GOOD : BAD;
    for (unsigned c = 1; c < CLASSES - 1 && layout == GOOD; c++)
      if (!agrees(size_of_class(c)) || !agrees(size_of_class(c) - 7)) layout = BAD;
  }
  return layout == GOOD;
}

int weir_tsan_heap_look(const struct weir_map_line *line, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uintptr_t low = line[i].low, high = line[i].high;
    unsigned c = (unsigned)((low - SPACE) >> REGION_LOG);
    if (low < SPACE || low >= SPACE_END || low % ((uintptr_t)1 << REGION_LOG)) continue;
    if (!line[i].readable || c == 0 || c >= CLASSES) continue;
    while (i + 1 < n && line[i + 1].low == high && line[i + 1].readable)
      high = line[++i].high;
    uintptr_t last = low + ((uintptr_t)1 << REGION_LOG); // the next region may follow at once
    if (high > last) high = last;
    if (!weir_space_add(low, high, size_of_class(c), WEIR_AREA_TSAN_HEAP)) return -12;
  }
  return 0;
}

// --- mappings
// --------------------------------------------------------------------------------------

static uintptr_t shadow_of(uintptr_t address) {
  return (address & ADDRESS_BITS_OF_APP) * 2 + SHADOW;
}

static bool page_written(uintptr_t page) {
  const uint64_t *shadow = (const uint64_t *)shadow_of(page);
  for (size_t i = 0; i < 2 * PAGE / sizeof *shadow; i++)
    if (shadow[i]) return true;
  return false;
}

enum weir_tsan_mapping weir_tsan_mapping(const struct weir_map_line *m,
                                         const struct weir_map_line *before) {
  bool app =
      m->high <= LOW_APP_END || (m->low >= MID_APP && m->high <= MID_APP_END) || m->low >= HIGH_APP;
  if (!app) return WEIR_TSAN_NOT_THE_PROGRAMS;
  bool bss = before && before->high == m->low && before->file;
  if (m->file || m->shared || m->low < HIGH_APP || bss) return WEIR_TSAN_THE_PROGRAMS;
  if (page_written(m->low) || page_written(m->high - PAGE)) return WEIR_TSAN_THE_PROGRAMS;
  return WEIR_TSAN_BY_PAGE;
}

uintptr_t weir_tsan_notes_on(uintptr_t page) {
  return shadow_of(page);
}

// The shadow, but not the notes on the heap's blocks that follow it.
void weir_tsan_leave_out(bool leave) {
  weir_snapshot_leave_out(SHADOW, SHADOW_END, leave);
}

bool weir_tsan_leaves_alone(const struct weir_map_line *m) {
  return m->low >= SPACE || m->high <= LOW_APP_END || (m->low >= MID_APP && m->high <= MID_APP_END);
}

bool weir_tsan_page_is_the_programs(uintptr_t page) {
  return page_written(page);
}
