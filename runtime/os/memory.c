// SPDX-License-Identifier: Apache-2.0
//
// memory.h on Linux.
#define _GNU_SOURCE
#include "os/memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "os/rawcall.h"
#include "os/regions.h"

#define HUGE_PAGE ((uintptr_t)2 << 20)

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

void *weir_mem_map_for(size_t size, enum weir_mem_use use, size_t unit) {
  void *p =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  madvise(p, size, MADV_NOHUGEPAGE); // a stack that uses one page shall cost one page
  uintptr_t low = (uintptr_t)p;
  weir_region_add(&(struct weir_mem_region){low, low + size, unit, use});
  return p;
}

void *weir_mem_map(size_t size) {
  return weir_mem_map_for(size, WEIR_MEM_OWN, size);
}

void *weir_mem_map_unread(size_t size) {
  char *p = mmap(NULL, size + 2 * WEIR_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
  if (p == MAP_FAILED) return NULL;
  p += WEIR_PAGE;
  if (mprotect(p, size, PROT_READ | PROT_WRITE) != 0) {
    munmap(p - WEIR_PAGE, size + 2 * WEIR_PAGE);
    return NULL;
  }
  madvise(p, size, MADV_NOHUGEPAGE);
  uintptr_t low = (uintptr_t)p;
  weir_region_add(&(struct weir_mem_region){low, low + size, size, WEIR_MEM_UNREAD});
  return p;
}

void *weir_mem_map_shared(size_t size) {
  void *p =
      mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return NULL;
  uintptr_t low = (uintptr_t)p;
  weir_region_add(&(struct weir_mem_region){low, low + size, size, WEIR_MEM_OWN});
  return p;
}

// Off the list first: the next moment the addresses may be another's.
void weir_mem_unmap(void *p, size_t size) {
  weir_region_remove((uintptr_t)p);
  munmap(p, size);
}

void weir_mem_prefer_huge(void *p, size_t size) {
  uintptr_t low = ((uintptr_t)p + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1);
  uintptr_t high = ((uintptr_t)p + size) & ~(HUGE_PAGE - 1);
  if (low < high) weir_raw(SYS_madvise, low, high - low, MADV_HUGEPAGE);
}

void weir_mem_untouch(void *p, size_t size) {
  madvise(p, size, MADV_DONTNEED);
}

bool weir_mem_guard(void *page) {
  static atomic_bool no_guard_install; // relaxed: a hint that saves a failing call
  if (!atomic_load_explicit(&no_guard_install, memory_order_relaxed)) {
    if (madvise(page, WEIR_PAGE, MADV_GUARD_INSTALL) == 0) return true;
    atomic_store_explicit(&no_guard_install, true, memory_order_relaxed);
  }
  return mprotect(page, WEIR_PAGE, PROT_NONE) == 0;
}

bool weir_mem_resident(char *low, size_t size, unsigned char *pages) {
  return syscall(SYS_mincore, low, size, pages) == 0; // not by the C library: TSan would note it
}

bool weir_mem_peek(void *dst, const void *src, size_t n) {
  int saved = errno;
  struct iovec to = {dst, n}, from = {(void *)src, n};
  long got = syscall(SYS_process_vm_readv, getpid(), &to, 1L, &from, 1L, 0L); // all of them long
  errno = saved;
  return got == (long)n;
}
