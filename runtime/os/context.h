// SPDX-License-Identifier: Apache-2.0
//
// Context switch between stacks. A suspended context is its stack pointer; what the
// ABI lets a callee clobber is not saved. On x86-64 the saved frame is, from
// low addresses: r15 r14 r13 r12 rbx rbp rip.
#ifndef WEIR_OS_CONTEXT_H
#define WEIR_OS_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Saves the caller's context in *save and resumes `load`. `pass` is what the
// switch that resumes returns over there; here it returns what the next
// resumer passes. The caller of weir_ctx_switch continues only after a switch back.
void *weir_ctx_switch(void **save, void *load, void *pass);

// Prepares a context at the top of a stack (16-byte aligned) that will call
// entry(pass) on its first resume. entry must not return.
void *weir_ctx_make(void *stack_top, void (*entry)(void *pass));

// The calling thread's, which no caller expects to be kept.
void weir_ctx_clear_vectors(void);

// The callee-saved registers of a suspended context, for the unwinder.
struct weir_ctx_regs {
  uintptr_t rip, rsp, rbp, rbx, r12, r13, r14, r15;
};
void weir_ctx_regs(const void *sp, struct weir_ctx_regs *out);
bool weir_ctx_is_new(const struct weir_ctx_regs *regs); // made, and never resumed

// Return addresses found by following frame pointers from `frame` (as of
// __builtin_frame_address), staying below `stack_high`. Never faults; code built
// without frame pointers shortens the walk. Returns the number written.
size_t weir_ctx_walk(const void *frame, const void *stack_high, uintptr_t *pcs, size_t max);

// The frame that a local variable at `address` lies in: its frame pointer, and a return address
// into its function. False: not found.
struct weir_ctx_frame {
  uintptr_t fp, pc;
};
// Found as by weir_ctx_walk.
bool weir_ctx_frame_of(const void *frame, const void *stack_high, const void *address,
                       struct weir_ctx_frame *found);
// The same where code without frame pointers stands in between, for a stack of which the return
// addresses are known (n of them, innermost first).
bool weir_ctx_frame_above(const void *address, const void *stack_high, const uintptr_t *pcs,
                          size_t n, struct weir_ctx_frame *found);

#endif
