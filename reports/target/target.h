// SPDX-License-Identifier: Apache-2.0
//
// A process to look into from outside: one that runs, or the core of one. Memory, threads, modules
// and stacks; nothing here knows of goroutines.
//
// A process that runs stands still from open to weir_target_resume, and goes on as if nothing had
// been; what was read before stays, reading afterwards fails.
//
// x86-64 Linux, as the runtime. Stacks are unwound by libdw with the modules' call frame
// information.
#ifndef WEIR_TARGET_TARGET_H
#define WEIR_TARGET_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/memory.h"

enum { WEIR_REG_RBX = 3, WEIR_REG_RBP = 6, WEIR_REG_RSP = 7, WEIR_REG_RIP = 16, WEIR_REGS = 17 };

struct weir_regs { // numbered as DWARF does
  uint64_t value[WEIR_REGS];
  uint32_t known; // bits
};

struct weir_target_thread {
  int tid;
  struct weir_regs regs;
};

struct weir_target_module {
  const char *path, *build_id; // build_id "" if it has none
  uint64_t low, high, base;    // base: what was added to the file's own addresses
};

struct weir_target;

// NULL after one message on standard error, which begins with `verb`.
struct weir_target *weir_target_core(const char *verb, const char *program, const char *core);
struct weir_target *weir_target_attach(const char *verb, int pid);
void weir_target_resume(struct weir_target *t);
void weir_target_close(struct weir_target *t);

int weir_target_pid(const struct weir_target *t);              // 0: not known
int weir_target_signal(const struct weir_target *t, int *tid); // that ended it; 0: none
const char *weir_target_program(const struct weir_target *t);

bool weir_target_read(struct weir_target *t, uint64_t address, void *to, size_t n);
uint64_t weir_target_word(struct weir_target *t, uint64_t address); // 0 where there is nothing
// A string, cut at a length that no name has; "" where there is none.
const char *weir_target_text(struct weir_target *t, uint64_t address, struct weir_arena *a);

uint64_t weir_target_symbol(struct weir_target *t, const char *name); // 0: nowhere
const struct weir_target_thread *weir_target_thread(const struct weir_target *t, int tid);

size_t weir_target_modules(const struct weir_target *t);
const struct weir_target_module *weir_target_module(const struct weir_target *t, size_t i);
int weir_target_module_of(const struct weir_target *t, uint64_t address); // -1: none

// Return addresses, innermost first. `exact`: the instruction pointer is one that is executed, not
// one to return to; it is made to look like the others.
size_t weir_target_unwind(struct weir_target *t, const struct weir_regs *regs, bool exact,
                          uint64_t *pcs, size_t max);

#endif
