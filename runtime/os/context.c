// SPDX-License-Identifier: Apache-2.0
//
// The part of context.h that can be said in C: laying out a new context, reading a
// suspended one, and walking frame pointers.
#include "os/context.h"

extern void weir_ctx_entry(void);
extern void weir_ctx_clear_low(void);    // xmm0 to 15
extern void weir_ctx_clear_avx(void);    // all of ymm0 to 15
extern void weir_ctx_clear_avx512(void); // zmm16 to 31

enum { FRAME_R15, FRAME_R14, FRAME_R13, FRAME_R12, FRAME_RBX, FRAME_RBP, FRAME_RIP, FRAME_WORDS };

void *weir_ctx_make(void *stack_top, void (*entry)(void *pass)) {
  // After the pops and the jump the stack pointer is at stack_top: aligned, as the
  // ABI wants it before the call in weir_ctx_entry.
  uintptr_t *frame = (uintptr_t *)stack_top - FRAME_WORDS;
  for (int i = 0; i < FRAME_WORDS; i++)
    frame[i] = 0;
  frame[FRAME_RBX] = (uintptr_t)entry;
  frame[FRAME_RIP] = (uintptr_t)weir_ctx_entry;
  return frame;
}

void weir_ctx_clear_vectors(void) {
  weir_ctx_clear_low();
  if (__builtin_cpu_supports("avx")) weir_ctx_clear_avx();
  if (__builtin_cpu_supports("avx512f")) weir_ctx_clear_avx512();
}

// The goroutine whose frame this was may go on meanwhile and make others of it: a reader checks
// that afterwards (park_seq), AddressSanitizer cannot know.
#define MAY_BE_GONE __attribute__((no_sanitize("address")))

MAY_BE_GONE void weir_ctx_regs(const void *sp, struct weir_ctx_regs *out) {
  const uintptr_t *frame = sp;
  out->rip = frame[FRAME_RIP];
  out->rsp = (uintptr_t)(frame + FRAME_WORDS);
  out->rbp = frame[FRAME_RBP];
  out->rbx = frame[FRAME_RBX];
  out->r12 = frame[FRAME_R12];
  out->r13 = frame[FRAME_R13];
  out->r14 = frame[FRAME_R14];
  out->r15 = frame[FRAME_R15];
}

bool weir_ctx_is_new(const struct weir_ctx_regs *regs) {
  return regs->rip == (uintptr_t)weir_ctx_entry;
}

MAY_BE_GONE size_t weir_ctx_walk(const void *frame, const void *stack_high, uintptr_t *pcs,
                                 size_t max) {
  size_t n = 0;
  uintptr_t at = (uintptr_t)frame, high = (uintptr_t)stack_high;
  while (n < max && at % sizeof(uintptr_t) == 0 && at + 2 * sizeof(uintptr_t) <= high) {
    const uintptr_t *link = (const uintptr_t *)at;
    if (link[1] < 4096) break;
    pcs[n++] = link[1];
    if (link[0] <= at) break; // frames grow upwards; anything else is no chain
    at = link[0];
  }
  return n;
}

MAY_BE_GONE bool weir_ctx_frame_of(const void *frame, const void *stack_high, const void *address,
                                   struct weir_ctx_frame *found) {
  uintptr_t at = (uintptr_t)frame, high = (uintptr_t)stack_high, pc = 0;
  if ((uintptr_t)address < at) return false;
  while (at % sizeof(uintptr_t) == 0 && at + 2 * sizeof(uintptr_t) <= high) {
    const uintptr_t *link = (const uintptr_t *)at;
    if (at > (uintptr_t)address) {
      *found = (struct weir_ctx_frame){at, pc};
      return pc != 0;
    }
    pc = link[1];
    if (link[0] <= at) return false;
    at = link[0];
  }
  return false;
}

// Whether a frame pointer `at` belongs to the frame that returns to pcs[0], and the next one to
// pcs[1], if there is one: an old return address alone may lie about anywhere.
static bool is_frame(uintptr_t at, uintptr_t high, const uintptr_t *pcs, size_t n) {
  const uintptr_t *link = (const uintptr_t *)at;
  if (link[1] != pcs[0]) return false;
  if (n < 2) return true;
  uintptr_t up = link[0];
  return up > at && up % sizeof(uintptr_t) == 0 && up + 2 * sizeof(uintptr_t) <= high &&
         ((const uintptr_t *)up)[1] == pcs[1];
}

bool weir_ctx_frame_above(const void *address, const void *stack_high, const uintptr_t *pcs,
                          size_t n, struct weir_ctx_frame *found) {
  uintptr_t high = (uintptr_t)stack_high, word = sizeof(uintptr_t);
  for (uintptr_t at = (uintptr_t)address / word * word + word; at + 2 * word <= high; at += word)
    for (size_t i = 0; i + 1 < n; i++)
      if (is_frame(at, high, pcs + i + 1, n - i - 1)) {
        *found = (struct weir_ctx_frame){at, pcs[i]};
        return true;
      }
  return false;
}
