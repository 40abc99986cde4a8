// SPDX-License-Identifier: Apache-2.0
//
// inspect.h: where main's own frame ends on the main thread's stack. Above it lie the frames of the
// C library's start code, which the C library points to, and the arguments and the environment,
// which everybody does: so a pointer to there says nothing of main.
//
// Found once, by unwinding main while it waits: of its frames the last is _start, the two before
// that are the C library's, and then comes main. Whether these guesses hold is checked by their
// distance. A wrong answer would do no harm: what lies above counts as anybody's.
#include "sched/g.h"
#include "sched/unwind.h"

enum { START_FRAMES = 3, START_BYTES = 2048, FRAMES_MAX = 512 };

extern void *__libc_stack_end __attribute__((weak)); // what _start found the stack pointer to be

static uintptr_t top; // 0: not known yet

// The stack pointer as it will be when main has returned; 0: the frames do not lead to the end.
static uintptr_t unwind(const void *sp) {
  unw_context_t at;
  unw_cursor_t cursor;
  unw_word_t word, sps[START_FRAMES] = {0};
  size_t n = 0;
  if (!weir_unwind_begin(&cursor, &at, sp)) return 0;
  do
    if (unw_get_reg(&cursor, UNW_REG_SP, &word) == 0) sps[n++ % START_FRAMES] = word;
  while (n < FRAMES_MAX && unw_step(&cursor) > 0);
  uintptr_t end = (uintptr_t)__libc_stack_end, last = sps[(n - 1) % START_FRAMES];
  uintptr_t first = sps[n % START_FRAMES];
  bool whole = n > START_FRAMES && last <= end && end - last < 64 && first < last;
  return whole && last - first < START_BYTES ? first : 0;
}

const void *weir_inspect_unwinder(void) {
  return unw_local_addr_space;
}

void weir_inspect_learn_main(void) {
  struct weir_g *g = &weir_sched.main_g;
  if (top || !&__libc_stack_end || !atomic_load(&weir_sched.main_is_here)) return;
  uint32_t seq = atomic_load_explicit(&g->park_seq, memory_order_acquire);
  if (atomic_load_explicit(&g->state, memory_order_acquire) != WEIR_G_WAITING) return;
  uintptr_t found = unwind(g->sp);
  atomic_thread_fence(memory_order_acquire);
  if (atomic_load_explicit(&g->park_seq, memory_order_relaxed) == seq) top = found;
}

uintptr_t weir_main_top(void) {
  return top ? top : (uintptr_t)weir_sched.main_g.stack_high;
}
