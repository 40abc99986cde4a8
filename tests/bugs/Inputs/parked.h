// SPDX-License-Identifier: Apache-2.0
//
// For programs whose bug is there only while another goroutine waits: until it does. How many wait
// is read where a debugger would read it, which orders nothing for any detector.
#ifndef PARKED_H
#define PARKED_H

#include <weir/post_mortem.h>
#include <weir/weir.h>

#define PARKED_HIDDEN \
  __attribute__((disable_sanitizer_instrumentation, noinline, unused, no_sanitize("all")))

enum parked_layout {
#define WEIR_LAYOUT(name, type, member) PARKED_##name,
#define WEIR_LAYOUT_VALUE(name, value) PARKED_##name,
#include <weir/layout.def>
#undef WEIR_LAYOUT
#undef WEIR_LAYOUT_VALUE
};
enum { PARKED_WAITING = 3 };

// Goroutines that wait, main not counted.
PARKED_HIDDEN static int parked(void) {
  const uint32_t *layout = weir_post_mortem_.layout;
  const struct weir_goroutine_table_ *table = weir_post_mortem_.goroutines;
  uint64_t slots = *(const volatile uint64_t *)table->count, per_chunk = layout[PARKED_G_CHUNK];
  int n = 0;
  for (uint64_t i = 0; i < slots; i++) {
    const char *chunk = ((const char *const volatile *)table->chunks)[i / per_chunk];
    const char *g = chunk + i % per_chunk * layout[PARKED_G_SIZE];
    const uint32_t *state = (const uint32_t *)(g + layout[PARKED_G_STATE]);
    n += (__atomic_load_n(state, __ATOMIC_RELAXED) & 0xff) == PARKED_WAITING;
  }
  return n;
}

PARKED_HIDDEN static void until_parked(int n) {
  while (parked() < n)
    weir_yield();
}

#endif
