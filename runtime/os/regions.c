// SPDX-License-Identifier: Apache-2.0
//
// The list of the runtime's mappings: a hash table by address with linear probing, in a mapping of
// its own, which it does not list but shows with the others. Removing moves later entries of a run
// up, so there are no tombstones. Without memory for a bigger table the list is given up, and says
// so: `lost`.
//
// Lock: list.lock, a leaf.
#define _GNU_SOURCE
#include "os/regions.h"

#include <sys/mman.h>

#include "os/lock.h"

enum { FIRST_ROOM = 512 };

static struct {
  struct weir_lock lock;
  struct weir_mem_region *at; // low 0: free
  size_t room, n;
  bool lost;
} list;

static size_t home_of(uintptr_t low) {
  return (low / WEIR_PAGE * 0x9e3779b97f4a7c15ull >> 20) & (list.room - 1);
}

static void put(const struct weir_mem_region *region) {
  size_t i = home_of(region->low);
  while (list.at[i].low)
    i = (i + 1) & (list.room - 1);
  list.at[i] = *region;
}

static bool grow(void) {
  struct weir_mem_region *old = list.at;
  size_t old_room = list.room, room = old_room ? 2 * old_room : FIRST_ROOM;
  void *p = mmap(NULL, room * sizeof *old, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) return false;
  list.at = p;
  list.room = room;
  for (size_t i = 0; i < old_room; i++)
    if (old[i].low) put(&old[i]);
  if (old) munmap(old, old_room * sizeof *old);
  return true;
}

void weir_region_add(const struct weir_mem_region *region) {
  weir_lock_acquire(&list.lock);
  if (list.n * 2 >= list.room && !grow()) list.lost = true;
  if (!list.lost) {
    put(region);
    list.n++;
  }
  weir_lock_release(&list.lock);
}

void weir_region_remove(uintptr_t low) {
  weir_lock_acquire(&list.lock);
  size_t mask = list.room - 1, i = list.room ? home_of(low) : 0, left = list.room;
  while (left && list.at[i].low && list.at[i].low != low) {
    i = (i + 1) & mask;
    left--;
  }
  bool there = left && list.at[i].low == low;
  for (size_t j = i; there;) { // an entry may move up as far as its home
    list.at[i].low = 0;
    do {
      j = (j + 1) & mask;
      if (!list.at[j].low) goto done;
    } while (((j - home_of(list.at[j].low)) & mask) < ((j - i) & mask));
    list.at[i] = list.at[j];
    i = j;
  }
done:
  if (there) list.n--;
  weir_lock_release(&list.lock);
}

void weir_mem_hold(void) {
  weir_lock_acquire(&list.lock);
}

void weir_mem_release(void) {
  weir_lock_release(&list.lock);
}

size_t weir_mem_regions(struct weir_mem_region *out, size_t max) {
  size_t n = 0;
  if (list.lost) return SIZE_MAX;
  uintptr_t own = (uintptr_t)list.at;
  if (own && n++ < max)
    out[0] = (struct weir_mem_region){own, own + list.room * sizeof *list.at, 0, WEIR_MEM_OWN};
  for (size_t i = 0; i < list.room; i++)
    if (list.at[i].low && n++ < max) out[n - 1] = list.at[i];
  return n;
}
