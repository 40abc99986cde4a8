// SPDX-License-Identifier: Apache-2.0
//
// What events refer to by number: the texts of operations, which a reader need not know, and places
// in the source, copied when they are first met, since the file is to be read without the program.
//
// Sites are found by address in a hash table without deletion. A look takes no lock: an entry is
// one word (address and number), stored with release after what it stands for. `lock` is a leaf.
#include "trace/trace.h"

#include <string.h>

#include "base/object.h"
#include "os/copy.h"
#include "os/lock.h"

enum { SITES = 8192, SLOTS = 4 * SITES, STRINGS = 384 << 10, TEXTS = 4096, MODULES = 64 << 10 };

static const char *const sync_texts[] = {
#define WEIR_SYNC_OP(enumerator, text) text,
#include "base/sync_ops.def"
};

static struct {
  struct weir_lock lock;
  uint32_t strings; // bytes in use
  _Atomic uint64_t slot[SLOTS];
} sites;

static uint32_t take(size_t *at, size_t size) {
  size_t from = *at;
  *at += (size + 63) & ~(size_t)63;
  return (uint32_t)from;
}

size_t weir_trace_tables_layout(struct weir_trace_header *h) {
  size_t at = 0;
  take(&at, sizeof *h);
  h->texts_at = take(&at, h->texts_size = TEXTS);
  h->modules_at = take(&at, h->modules_size = MODULES);
  h->sites_max = SITES;
  h->sites_at = take(&at, SITES * sizeof(struct weir_trace_site));
  h->strings_at = take(&at, h->strings_size = STRINGS);
  return at;
}

static size_t put_texts(char *to, size_t at, const char *const *texts, size_t n) {
  for (size_t i = 0; i < n; i++) {
    size_t size = strlen(texts[i]) + 1;
    if (at + size > TEXTS) break;
    weir_copy(to + at, texts[i], size);
    at += size;
  }
  return at;
}

void weir_trace_tables_fill(struct weir_trace_header *h, const char *const *waits, size_t n) {
  char *texts = (char *)h + h->texts_at;
  size_t at = put_texts(texts, 0, sync_texts, WEIR_SYNC_COUNT);
  put_texts(texts, at, waits, n);
  h->sync_ops = WEIR_SYNC_COUNT;
  h->wait_ops = (uint32_t)n;
  h->sites = 1;
  sites.strings = 1; // at 0 stands ""
}

// Where it stands, 0 if there is no room.
static uint32_t put_string(struct weir_trace_header *h, const char *text) {
  size_t size = text ? strlen(text) + 1 : 1;
  if (size == 1 || size > STRINGS - sites.strings) return 0;
  uint32_t at = sites.strings;
  weir_copy((char *)h + h->strings_at + at, text, size);
  sites.strings += (uint32_t)size;
  return at;
}

static unsigned add(const struct weir_site *site, _Atomic uint64_t *slot) {
  struct weir_trace_header *h = weir_trace_memory;
  unsigned number = h->sites;
  if (number == SITES) return 0;
  struct weir_trace_site *s = (struct weir_trace_site *)((char *)h + h->sites_at) + number;
  *s = (struct weir_trace_site){put_string(h, site->name), put_string(h, site->func),
                                put_string(h, site->file), site->line};
  __atomic_store_n(&h->sites, number + 1, __ATOMIC_RELEASE);
  // release pairs with the acquire in find
  atomic_store_explicit(slot, (uint64_t)(uintptr_t)site | (uint64_t)number << 48,
                        memory_order_release);
  return number;
}

// The slot that the site is in, or would be.
static _Atomic uint64_t *find(const struct weir_site *site, unsigned *number) {
  uint64_t hash = (uint64_t)(uintptr_t)site * UINT64_C(0x9e3779b97f4a7c15);
  for (size_t i = hash >> 40;; i++) {
    _Atomic uint64_t *slot = &sites.slot[i % SLOTS];
    uint64_t entry = atomic_load_explicit(slot, memory_order_acquire);
    *number = (unsigned)(entry >> 48);
    if (!entry || WEIR_TRACE_LOW(entry) == (uint64_t)(uintptr_t)site) return slot;
  }
}

unsigned weir_trace_site(const struct weir_site *site) {
  unsigned number;
  _Atomic uint64_t *slot = find(site, &number);
  if (__builtin_expect(number != 0, 1)) return number;
  if (weir_trace_memory->sites == SITES) return 0;
  weir_lock_acquire(&sites.lock);
  slot = find(site, &number);
  if (!number) number = add(site, slot);
  weir_lock_release(&sites.lock);
  return number;
}

// Only the end grows, unless a library was unloaded: what a reader sees meanwhile is a part of it.
void weir_trace_modules(const char *text) {
  struct weir_trace_header *h = weir_trace_memory;
  size_t n = strlen(text);
  while (n >= MODULES || (n && text[n - 1] != '\n'))
    n--;
  char *to = (char *)h + h->modules_at;
  weir_copy(to, text, n);
  to[n] = 0;
}

const char *weir_trace_site_name(unsigned number) {
  struct weir_trace_header *h = weir_trace_memory;
  if (number >= __atomic_load_n(&h->sites, __ATOMIC_ACQUIRE)) return "";
  const struct weir_trace_site *s = (struct weir_trace_site *)((char *)h + h->sites_at) + number;
  return (char *)h + h->strings_at + s->name;
}
