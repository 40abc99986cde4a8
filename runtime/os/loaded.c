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

struct span {
  uintptr_t low, high;
};

static struct span span_of(const struct dl_phdr_info *file, const ElfW(Phdr) * segment) {
  uintptr_t low = file->dlpi_addr + segment->p_vaddr;
  return (struct span){low, low + segment->p_memsz};
}

// The segment of the file that the address lies in.
static const ElfW(Phdr) * segment_at(const struct dl_phdr_info *file, uintptr_t address) {
  for (int i = 0; i < file->dlpi_phnum; i++) {
    struct span s = span_of(file, &file->dlpi_phdr[i]);
    if (file->dlpi_phdr[i].p_type == PT_LOAD && address >= s.low && address < s.high)
      return &file->dlpi_phdr[i];
  }
  return NULL;
}

struct asked {
  uintptr_t address;
  struct span found;
  void (*each)(uintptr_t low, uintptr_t high);
  bool not_first;
};

// Whether the address is in this file, and the file is a library.
static const ElfW(Phdr) * in_library(const struct dl_phdr_info *file, struct asked *asked) {
  bool first = !asked->not_first;
  asked->not_first = true;
  return first ? NULL : segment_at(file, asked->address);
}

static int find_variables(struct dl_phdr_info *file, size_t size, void *arg) {
  (void)size;
  struct asked *asked = arg;
  const ElfW(Phdr) *segment = in_library(file, asked);
  if (!segment || !(segment->p_flags & PF_W)) return 0;
  asked->found = span_of(file, segment);
  return 1;
}

bool weir_loaded_variables(const void *address, uintptr_t *low, uintptr_t *high) {
  struct asked asked = {.address = (uintptr_t)address};
  if (!dl_iterate_phdr(find_variables, &asked)) return false;
  *low = asked.found.low;
  *high = asked.found.high;
  return true;
}

static int tell_variables(struct dl_phdr_info *file, size_t size, void *arg) {
  (void)size;
  struct asked *asked = arg;
  if (!in_library(file, asked)) return 0;
  for (int i = 0; i < file->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &file->dlpi_phdr[i];
    struct span s = span_of(file, segment);
    if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W)) asked->each(s.low, s.high);
  }
  return 1;
}

void weir_loaded_each_variables(const void *code, void (*each)(uintptr_t low, uintptr_t high)) {
  struct asked asked = {.address = (uintptr_t)code, .each = each};
  dl_iterate_phdr(tell_variables, &asked);
}
