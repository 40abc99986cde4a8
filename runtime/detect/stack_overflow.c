// SPDX-License-Identifier: Apache-2.0
//
// The finding `goroutine-stack-overflow`: a goroutine ran into the guard page below its stack.
// Called in the signal handler; ends the program, as no code can go on there.
#include "detect/emit.h"
#include "detect/hooks.h"

_Noreturn void weir_stack_overflow_found(struct weir_g *g, const uintptr_t *pcs, size_t n,
                                         size_t size) {
  struct weir_g_view v;
  weir_inspect_one(g, &v);
  v.op = WEIR_WAIT_NONE;
  struct weir_record *r = weir_record_begin(WEIR_F_GOROUTINE_STACK_OVERFLOW,
                                            "Goroutine %lu has used up its stack of %zu KiB. A "
                                            "larger one is had by weir_go_stack or stack_kb.",
                                            (unsigned long)v.id, (size + 1023) / 1024);
  weir_record_goroutines_open(r);
  struct weir_record_goroutine self = {
      .view = &v, .count = 1, .stack = pcs, .frames = n, .stack_size = size};
  weir_record_goroutine(r, &self);
  weir_record_goroutines_close(r);
  weir_record_end(r);
  weir_end_program_now();
}
