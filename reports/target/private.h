// SPDX-License-Identifier: Apache-2.0
//
// What the kinds of targets fill in.
#ifndef WEIR_TARGET_PRIVATE_H
#define WEIR_TARGET_PRIVATE_H

#include <elfutils/libdwfl.h>

#include "target/target.h"

struct weir_segment { // of a core: memory that was written
  uint64_t address, size;
  int64_t offset;
};

enum { WEIR_PAGE_SIZE = 4096, WEIR_PAGES_KEPT = 2048 };
struct weir_page {  // memory that was read; it stands still
  uint64_t address; // 0: none
  char data[WEIR_PAGE_SIZE];
};

struct weir_target {
  const char *verb;
  char *program;
  Dwfl *dwfl;
  Elf *core;
  int fd;                // the core, or the memory of a process that runs
  int pid;               // 0: not known
  int signal, signalled; // of a core: what ended it, 0 if nothing did, and the thread
  bool live;
  struct weir_segment *segments;
  size_t segment_count;
  struct weir_target_thread *threads;
  size_t thread_count;
  int *deliver; // live: the signal that each thread was about to get
  struct weir_target_module *modules;
  size_t module_count;
  struct weir_arena arena;
  struct weir_page *pages; // by address
  const struct weir_regs *unwinding;
};

Dwfl *weir_target_dwfl(bool live); // to report modules to; NULL: see dwfl_errmsg
struct weir_target *weir_target_new(const char *verb);
// After the modules were reported to t->dwfl. False after a message.
bool weir_target_ready(struct weir_target *t);
// Says "weir VERB: what: why" and closes. Returns NULL.
struct weir_target *weir_target_fail(struct weir_target *t, const char *what, const char *why);
void weir_target_add_thread(struct weir_target *t, int tid, const void *user_regs);
void weir_target_detach(struct weir_target *t); // live.c

#endif
