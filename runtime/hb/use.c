// SPDX-License-Identifier: Apache-2.0
//
// Calls that may not come in any order (base/hooks.h), told to the race detector as accesses to a
// few bytes of the object, so that exactly two calls that do not go together, and that nothing
// orders, are a race there. It knows every order that there is in the program, C11 atomics and the
// locks of pthread among them, which the runtime's own notes (order.h) do not.
//
//   byte 0 of the mark    send reads        close writes
//                         add reads         wait writes, atomically: waits go together
//                         lock reads        unlock by another writes
//   byte 1                send, receive and close read, free writes
//
// An access carries the address of an entry of `place` in the place of a pc: a report that has it
// is about this use, and no code is there. The frame below it is the call's (api_enter). Atomic
// accesses take no pc; they have the function that makes them, in a section of its own.
//
// The bytes are the object's own, but only their shadow matters: the runtime is not instrumented.
// Where the program itself accesses them (it clears a wait group), a race of that with a use
// is no misuse, and is left to the other checks.
#include "base/flags.h"
#include "hb/tsan.h"

WEIR_TSAN_WEAK void __tsan_read1_pc(void *addr, void *pc);
WEIR_TSAN_WEAK void __tsan_read2_pc(void *addr, void *pc);
WEIR_TSAN_WEAK void __tsan_write1_pc(void *addr, void *pc);
WEIR_TSAN_WEAK unsigned char __tsan_atomic8_fetch_add(volatile unsigned char *a, unsigned char v,
                                                      int order);

enum { MARK_AT = 8, MARK_SIZE = 8 }; // one cell of the shadow

static const char place[WEIR_USE_COUNT];

extern const char __start_weir_hb_wait[] __attribute__((visibility("hidden")));
extern const char __stop_weir_hb_wait[] __attribute__((visibility("hidden")));

// Without a way to forget, a new object would be taken for the one that was there before.
static bool on; // written before any thread but the first

void weir_use_start(void) {
  on = weir_flags.predict && __tsan_read1_pc && __tsan_read2_pc && __tsan_write1_pc &&
       __tsan_atomic8_fetch_add && weir_tsan_reset_shadow(&on, 0);
}

enum weir_use weir_use_of(uintptr_t pc) {
  if (pc > (uintptr_t)__start_weir_hb_wait && pc <= (uintptr_t)__stop_weir_hb_wait)
    return WEIR_USE_WAIT;
  uintptr_t at = pc - (uintptr_t)place;
  return at < WEIR_USE_COUNT ? (enum weir_use)at : WEIR_USE_NONE;
}

const void *weir_use_object(uintptr_t address) {
  return (const void *)((address & ~(uintptr_t)(MARK_SIZE - 1)) - MARK_AT);
}

// Adds nothing to a word of the object's, which others may change meanwhile.
__attribute__((section("weir_hb_wait"), noinline, disable_tail_calls)) static void
announce_wait(unsigned char *mark) {
  __tsan_atomic8_fetch_add(mark, 0, __ATOMIC_RELAXED);
}

void weir_hb_use_(const void *object, enum weir_use use) {
  if (!on) return;
  unsigned char *mark = (unsigned char *)object + MARK_AT;
  void *pc = (void *)&place[use];
  switch (use) {
  case WEIR_USE_SEND:
    __tsan_read2_pc(mark, pc);
    break;
  case WEIR_USE_RECV:
    __tsan_read1_pc(mark + 1, pc);
    break;
  case WEIR_USE_CLOSE:
    __tsan_write1_pc(mark, pc);
    __tsan_read1_pc(mark + 1, pc);
    break;
  case WEIR_USE_FREE:
    __tsan_write1_pc(mark + 1, pc);
    break;
  case WEIR_USE_WAIT:
    announce_wait(mark);
    break;
  case WEIR_USE_LOCK: // only the last lock counts
    weir_hb_unused_(object);
    __tsan_read1_pc(mark, pc);
    break;
  case WEIR_USE_ADD:
    __tsan_read1_pc(mark, pc);
    break;
  case WEIR_USE_UNLOCK:
    __tsan_write1_pc(mark, pc);
    break;
  case WEIR_USE_NONE:
  case WEIR_USE_COUNT:
    break;
  }
}

void weir_hb_unused_(const void *object) {
  if (on) weir_tsan_reset_shadow((const char *)object + MARK_AT, MARK_SIZE);
}
