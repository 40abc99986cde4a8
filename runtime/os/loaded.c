// SPDX-License-Identifier: Apache-2.0
//
// loaded.h, by dl_iterate_phdr: takes the loader's lock. The first file it tells of is the program.
#define _GNU_SOURCE
#include "os/loaded.h"

#include <link.h>

enum { KEPT_FREE = 8192 }; // for the thread-local memory of files that are loaded late

static int add_thread_local(struct dl_phdr_info *file, size_t size, void *sum) {
  (void)size;
  for (int i = 0; i < file->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &file->dlpi_phdr[i];
    if (segment->p_type == PT_TLS) *(size_t *)sum += segment->p_memsz + segment->p_align;
  }
  return 0;
}

size_t weir_loaded_thread_local(void) {
  size_t sum = KEPT_FREE;
  dl_iterate_phdr(add_thread_local, &sum);
  return sum;
}

struct asked {
  uintptr_t address, low, high;
  bool not_first;
};

static int find_variables(struct dl_phdr_info *file, size_t size, void *arg) {
  (void)size;
  struct asked *asked = arg;
  bool first = !asked->not_first;
  asked->not_first = true;
  for (int i = 0; i < file->dlpi_phnum && !first; i++) {
    const ElfW(Phdr) *segment = &file->dlpi_phdr[i];
    uintptr_t low = file->dlpi_addr + segment->p_vaddr, high = low + segment->p_memsz;
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) continue;
    if (asked->address < low || asked->address >= high) continue;
    asked->low = low;
    asked->high = high;
    return 1;
  }
  return 0;
}

bool weir_loaded_variables(const void *address, uintptr_t *low, uintptr_t *high) {
  struct asked asked = {.address = (uintptr_t)address};
  if (!dl_iterate_phdr(find_variables, &asked)) return false;
  *low = asked.low;
  *high = asked.high;
  return true;
}
