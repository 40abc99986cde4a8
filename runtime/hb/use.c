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
//   byte 8                the first add writes     done reads
//
// For the last, one add that a done does not come after proves nothing: another one may have made
// room for it. But where all adds so far are one goroutine's, what does not come after the first of
// them comes after none, so there is a schedule in which it counts an unused wait group down. Who
// has added is kept in a small table, `groups`; a group that another goroutine adds to is struck
// out before that add takes effect, one whose entry is another group's by now is forgotten.
//
// An access carries the address of an entry of `place` in the place of a pc: a report that has it
// is about this use, and no code is there. The frame below it is the call's (api_enter). Atomic
// accesses take no pc; they have the function that makes them, in a section of its own.
//
// The bytes are the object's own, but only their shadow matters: the runtime is not instrumented.
// Where the program itself accesses them (it clears a wait group), a race of that with a use
// is no misuse, and is left to the other checks.
#include <stdatomic.h>

#include "base/flags.h"
#include "hb/tsan.h"
#include "os/lock.h"

WEIR_TSAN_WEAK void __tsan_read1_pc(void *addr, void *pc);
WEIR_TSAN_WEAK void __tsan_read2_pc(void *addr, void *pc);
WEIR_TSAN_WEAK void __tsan_write1_pc(void *addr, void *pc);
WEIR_TSAN_WEAK unsigned char __tsan_atomic8_fetch_add(volatile unsigned char *a, unsigned char v,
                                                      int order);

enum { MARK_AT = 8, MARK_SIZE = 8 }; // one cell of the shadow
enum { COUNT_AT = MARK_AT + MARK_SIZE };

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

const void *weir_use_object(enum weir_use use, uintptr_t address) {
  bool counts = use == WEIR_USE_FIRST || use == WEIR_USE_DONE;
  return (const void *)((address & ~(uintptr_t)(MARK_SIZE - 1)) - (counts ? COUNT_AT : MARK_AT));
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
  case WEIR_USE_FIRST:
    weir_tsan_reset_shadow((const char *)object + COUNT_AT, MARK_SIZE);
    __tsan_write1_pc((unsigned char *)object + COUNT_AT, pc);
    break;
  case WEIR_USE_DONE:
    __tsan_read1_pc((unsigned char *)object + COUNT_AT, pc);
    break;
  case WEIR_USE_NONE:
  case WEIR_USE_COUNT:
    break;
  }
}

void weir_hb_unused_(const void *object) {
  if (on) weir_tsan_reset_shadow((const char *)object + MARK_AT, MARK_SIZE);
}

// --- wait groups ---------------------------------------------------------------------------------

enum { GROUPS = 256 };
static struct weir_lock lock; // of changes
static struct group {
  const void *_Atomic wg; // NULL: none, or more than one goroutine has added
  uint64_t goid;
} groups[GROUPS];

static struct group *group_of(const void *wg) {
  return &groups[(uintptr_t)wg / 16 * 0x9e3779b97f4a7c15u >> 56];
}

// True: it is the first. The mark and the entry in one step, or an add of another goroutine could
// slip in between.
static bool note_add(const void *wg, uint32_t *word, uint32_t bit, uint64_t goid) {
  struct group *g = group_of(wg);
  weir_lock_acquire(&lock);
  bool first = !(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit);
  const void *there = atomic_load_explicit(&g->wg, memory_order_relaxed);
  if (first) {
    g->goid = goid;
    atomic_store_explicit(&g->wg, wg, memory_order_relaxed);
  } else if (there == wg && g->goid != goid) {
    atomic_store_explicit(&g->wg, NULL, memory_order_relaxed);
  }
  weir_lock_release(&lock);
  return first;
}

void weir_hb_count_up_(const void *wg, uint32_t *word, uint32_t bit, uint64_t goid) {
  if (on && note_add(wg, word, bit, goid)) weir_hb_use_(wg, WEIR_USE_FIRST);
}

void weir_hb_count_down_(const void *wg) {
  if (on && atomic_load_explicit(&group_of(wg)->wg, memory_order_relaxed) == wg)
    weir_hb_use_(wg, WEIR_USE_DONE);
}
