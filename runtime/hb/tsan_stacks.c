// SPDX-License-Identifier: Apache-2.0
//
// The shadow call stacks of ThreadSanitizer's fibers, kept for the next fiber. TSan maps half a
// megabyte for each fiber and unmaps it at its end, which costs several times all the rest of
// starting and finishing a goroutine. The linker leads three calls of TSan's to the functions here
// (weir cc gives the --wrap options; without them they are never called and nothing changes).
//
// The stacks are cut from one reservation, so one range check tells ours. TSan reads of a shadow
// stack only what it has written since the fiber began, so a used one need not be cleared. Of free
// ones beyond KEEP_TOUCHED the memory is given back. Lock: stacks.lock, a leaf.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hb/tsan.h"
#include "os/lock.h"
#include "os/memory.h"

enum { STACK = 1 << 19, STACKS = 1 << 17, KEEP_TOUCHED = 1024 };

// LLVM 19's __sanitizer::MmapNoReserveOrDie(uptr, const char *), UnmapOrDie(void *, uptr, bool) and
// SetShadowRegionHugePageMode(uptr, uptr).
#define MMAP _ZN11__sanitizer18MmapNoReserveOrDieEmPKc
#define UNMAP _ZN11__sanitizer10UnmapOrDieEPvmb
#define HUGE_MODE _ZN11__sanitizer27SetShadowRegionHugePageModeEmm
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define REAL(name) JOIN(__real_, name)
#define WRAP(name) JOIN(__wrap_, name)

__attribute__((weak)) void *REAL(MMAP)(uintptr_t size, const char *name);
__attribute__((weak)) void REAL(UNMAP)(void *p, uintptr_t size, bool raw);
__attribute__((weak)) void REAL(HUGE_MODE)(uintptr_t at, uintptr_t size);
void *WRAP(MMAP)(uintptr_t size, const char *name);
void WRAP(UNMAP)(void *p, uintptr_t size, bool raw);
void WRAP(HUGE_MODE)(uintptr_t at, uintptr_t size);

static struct {
  struct weir_lock lock;
  char *base; // NULL: not yet, or no room
  bool tried;
  size_t used; // cut so far
  uint32_t n_free;
  uint32_t free[STACKS]; // pages come on touch
} stacks;

static bool ours(const void *p) {
  return stacks.base && (const char *)p >= stacks.base &&
         (const char *)p < stacks.base + (size_t)STACKS * STACK;
}

static void *take(void) {
  void *p = NULL;
  weir_lock_acquire(&stacks.lock);
  if (!stacks.tried) {
    stacks.tried = true;
    stacks.base = weir_mem_map_unread((size_t)STACKS * STACK);
  }
  if (stacks.n_free)
    p = stacks.base + (size_t)stacks.free[--stacks.n_free] * STACK;
  else if (stacks.base && stacks.used < STACKS)
    p = stacks.base + stacks.used++ * STACK;
  weir_lock_release(&stacks.lock);
  return p;
}

static void give_back(void *p) {
  weir_lock_acquire(&stacks.lock);
  if (stacks.n_free >= KEEP_TOUCHED) weir_mem_untouch(p, STACK);
  stacks.free[stacks.n_free++] = (uint32_t)((size_t)((char *)p - stacks.base) / STACK);
  weir_lock_release(&stacks.lock);
}

void *WRAP(MMAP)(uintptr_t size, const char *name) {
  void *p = size == STACK && name && strcmp(name, "shadow stack") == 0 ? take() : NULL;
  return p ? p : REAL(MMAP)(size, name);
}

void WRAP(UNMAP)(void *p, uintptr_t size, bool raw) {
  if (ours(p))
    give_back(p);
  else
    REAL(UNMAP)(p, size, raw);
}

// The reservation as a whole has been told already.
void WRAP(HUGE_MODE)(uintptr_t at, uintptr_t size) {
  if (!ours((const void *)at)) REAL(HUGE_MODE)(at, size);
}
