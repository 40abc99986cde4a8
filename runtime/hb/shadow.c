// SPDX-License-Identifier: Apache-2.0
//
// Whether the race runtime keeps its records as the code that the compiler plugin inlines
// believes: found out once, at the start, by accesses whose records are then looked for.
// Where anything differs the inlined code is given a state that matches no record, so it takes
// every access for unknown and calls the runtime.
//
// What is believed. A fiber handle is its ThreadState, which begins with the fast state: a
// word with the thread's slot and epoch, its lowest byte 0, bit 31 set while accesses
// are ignored. A record (a cell of os/shadow.h) is that word with the mask of bytes in the lowest
// byte, bit 30 set for reads, bit 31 for atomic ones. A release changes the fast state.
// Not checked: that nothing else changes a record; the meaning of the bits between.
#include <weir/abi.h>

#include "base/check.h"
#include "base/hooks.h"
#include "hb/tsan.h"
#include "os/memory.h"
#include "os/shadow.h"

WEIR_TSAN_WEAK void *__tsan_get_current_fiber(void);
WEIR_TSAN_WEAK void __tsan_read8(void *addr);
WEIR_TSAN_WEAK void __tsan_write8(void *addr);
WEIR_TSAN_WEAK void __tsan_write2(void *addr);
WEIR_TSAN_WEAK void __tsan_release(void *addr);
WEIR_TSAN_WEAK void __tsan_ignore_thread_begin(void);
WEIR_TSAN_WEAK void __tsan_ignore_thread_end(void);

#define IS_READ (UINT32_C(1) << 30)
#define IGNORES (UINT32_C(1) << 31)

// No record is that of an atomic access by no thread.
static const uint32_t matches_nothing = IGNORES;

static bool known; // written before any thread but the first

static uint32_t fast_state(void) {
  uint32_t state = 0;
  weir_mem_peek(&state, __tsan_get_current_fiber(), sizeof state);
  return state;
}

static bool has_record(const void *addr, uint32_t record) {
  uint32_t cells[WEIR_SHADOW_CELLS];
  const uint32_t *shadow = weir_shadow_of(addr);
  if (!shadow || !weir_mem_peek(cells, shadow, sizeof cells)) return false;
  for (int i = 0; i < WEIR_SHADOW_CELLS; i++)
    if (cells[i] == record) return true;
  return false;
}

// In an epoch of its own, so that no record of before stands for these.
static bool records_are_known(uint64_t probe[3]) {
  __tsan_release(probe);
  const uint32_t state = fast_state();
  if (!state || state & 0xff || state & (IS_READ | IGNORES)) return false;
  __tsan_write8(&probe[0]);
  __tsan_read8(&probe[1]);
  __tsan_write2((uint16_t *)&probe[2] + 1);
  return has_record(&probe[0], state | 0xff) && has_record(&probe[1], state | 0xff | IS_READ) &&
         has_record(&probe[2], state | 0x0c) && fast_state() == state;
}

static bool states_are_known(uint64_t *probe) {
  const uint32_t before = fast_state();
  __tsan_ignore_thread_begin();
  const uint32_t ignoring = fast_state();
  __tsan_ignore_thread_end();
  if (ignoring != (before | IGNORES) || fast_state() != before) return false;
  __tsan_release(probe);
  return fast_state() != before && !(fast_state() & 0xff);
}

void weir_shadow_start(void) {
  static uint64_t fixed[3];
  uint64_t local[3];
  if (!__tsan_get_current_fiber || !__tsan_read8 || !__tsan_ignore_thread_begin) return;
  known = records_are_known(fixed) && records_are_known(local) && states_are_known(fixed);
  if (!known && weir_shadow_of(fixed))
    weir_warn("this race runtime is not LLVM 19's: race checks are not made inline");
}

// The runtime's checks for code that keeps its registers over them; reports name its lines.
#define CHECK(kind, size)                                                           \
  WEIR_TSAN_WEAK void __tsan_##kind##size##_pc(void *addr, void *pc);               \
  WEIR_API __attribute__((preserve_all)) void __weir_race_##kind##size(void *addr); \
  __attribute__((preserve_all)) void __weir_race_##kind##size(void *addr) {         \
    __tsan_##kind##size##_pc(addr, __builtin_return_address(0));                    \
  }
CHECK(read, 1)
CHECK(read, 2)
CHECK(read, 4)
CHECK(read, 8)
CHECK(write, 1)
CHECK(write, 2)
CHECK(write, 4)
CHECK(write, 8)

const uint32_t *__weir_race_state(void) {
  return known ? __tsan_get_current_fiber() : &matches_nothing;
}
