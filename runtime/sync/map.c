// SPDX-License-Identifier: Apache-2.0
//
// The concurrent map: uthash tables under locks, an entry in one of many parts by its hash. A call
// takes one lock for the time of a lookup and a copy, never parks, and calls nothing of the
// program's. (Why not a lock-free table: docs/dependencies.md.)
//
// An entry that is deleted while a range stands on it stays linked, marked dead, until the range
// moves on; a range therefore needs no memory of its own and cannot fail. Each part's list is in
// order of birth, and a range ends at what was born after it came: so a key never comes twice.
//
// Memory is malloc's, so that who looks for what the program can still reach finds the values.
//
// Happens-before: each entry carries the clock of who last changed it. With a race detector a
// deleted entry stays too, dead, because finding it gone is ordered after deleting it. A part keeps
// KEEP_DEAD of those; when it has more it forgets them all, and from then on finding nothing is
// ordered after every delete in that part: rather an edge too many, there, than a false report.
// Nothing is announced under a lock that could end in a report.
//
// Lock: the part's; malloc's is taken inside it.
#include <weir/map.h>

#include <errno.h>
#include <stdlib.h>
#include <weir/go.h>

#include "base/check.h"
#include "base/trace.h"
#include "os/copy.h"
#include "os/lock.h"
#include "sched/sched.h"
#include "sync/clock.h"

// uthash calls no libc but malloc: a race detector would see the rest as the program's accesses.
static bool differ(const void *a, const void *b, size_t n);
static void give_back(void *p, size_t size);
#define HASH_NONFATAL_OOM 1
#define HASH_KEYCMP(a, b, n) differ(a, b, n)
#define uthash_bzero(at, n) weir_zero(at, n)
#define uthash_free(p, n) give_back(p, n)
#include <uthash.h>
#undef HASH_INITIAL_NUM_BUCKETS
#undef HASH_INITIAL_NUM_BUCKETS_LOG2
#define HASH_INITIAL_NUM_BUCKETS 4U // there are many tables
#define HASH_INITIAL_NUM_BUCKETS_LOG2 2U

enum { PARTS_PER_PROC = 8, PARTS_MIN = 16, PARTS_MAX = 512, KEEP_DEAD = 1024 };

struct entry {
  UT_hash_handle hh;
  uint64_t word; // the key; a string's address
  uint64_t born;
  struct weir_clock *changed; // with a race detector: of who changed it last
  uint32_t pins;              // ranges that stand on it
  bool dead;
  _Alignas(16) char value[]; // and a string behind it
};

struct part {
  _Alignas(64) struct weir_lock lock; // guards all but reads of `live`
  bool forgot;                        // dead entries; its address carries all deletes
  uint32_t dead;
  size_t live;
  uint64_t births;
  struct entry *first;
};

struct weir_map_ {
  enum weir_map_keys_ keys;
  uint32_t mask; // number of parts - 1
  size_t key_size, value_size;
  uint64_t seed;
  struct part part[];
};

// --- keys ------------------------------------------------------------------------------------

struct key {
  uint64_t word, hash;
  const void *bytes;
  size_t size;
};

static bool differ(const void *a, const void *b, size_t n) {
  const char *x = a, *y = b;
  uint64_t u, v;
  for (; n >= 8; n -= 8, x += 8, y += 8) {
    weir_copy(&u, x, 8);
    weir_copy(&v, y, 8);
    if (u != v) return true;
  }
  while (n && *x == *y)
    n--, x++, y++;
  return n;
}

static uint64_t mix(uint64_t h) { // every bit of the result depends on every bit
  h = (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
  h = (h ^ h >> 29) * 0xd1342543de82ef95u;
  return h ^ h >> 32;
}

static void text_key(const struct weir_map_ *m, struct key *k, const void *pc) {
  const unsigned char *text = k->bytes = (const void *)k->word;
  uint64_t h = 0xcbf29ce484222325u; // FNV-1a
  for (; text[k->size]; k->size++)
    h = (h ^ text[k->size]) * 0x100000001b3u;
  k->hash = mix(h ^ m->seed);
  WEIR_HB(read, text, k->size + 1, pc);
}

// Widened as K is: the caller may have had another integer type.
static void word_key(const struct weir_map_ *m, struct key *k) {
  unsigned unused = 64 - 8 * (unsigned)m->key_size;
  k->word <<= unused;
  k->word =
      m->keys == WEIR_MAP_SIGNED_ ? (uint64_t)((int64_t)k->word >> unused) : k->word >> unused;
  k->hash = mix(k->word ^ m->seed);
  k->bytes = &k->word;
  k->size = sizeof k->word;
}

// --- entries, under the lock -------------------------------------------------------------------

static struct entry *find(struct part *p, const struct key *k) {
  struct entry *e;
  HASH_FIND_BYHASHVALUE(hh, p->first, k->bytes, k->size, (unsigned)k->hash, e);
  return e;
}

static bool is_live(const struct entry *e) {
  return e && !e->dead;
}

static void set_live(struct part *p, size_t n) {
  __atomic_store_n(&p->live, n, __ATOMIC_RELAXED); // weir_map_len reads it without the lock
}

// A race detector gets the edges of each entry, all others those of the part, which are more.
static void observe(struct part *p, const struct entry *e) {
  WEIR_HB_IF {
    if (e)
      weir_clock_acquire(e->changed);
    else if (p->forgot)
      weir_hb_acquire_(p);
    return;
  }
  WEIR_EDGE(acquire, p);
}

// Whoever allocated this memory, or read a string in it that a range had shown, is not ordered
// before us, but is through with it.
static void give_back(void *p, size_t size) {
  if (weir_hb_on) weir_hb_stack_reuse(p, size);
  free(p);
}

static void destroy(struct part *p, struct entry *e) {
  size_t size =
      (size_t)((char *)e->hh.key - (char *)e) + e->hh.keylen + 1; // at least up to a string
  HASH_DELETE(hh, p->first, e);
  weir_clock_free(e->changed);
  give_back(e, size);
}

static void bury(struct part *p, struct entry *e) {
  p->dead--;
  destroy(p, e);
}

static void trim_dead(struct part *p) {
  if (p->dead <= KEEP_DEAD) return;
  for (struct entry *e = p->first, *next; e; e = next) {
    next = e->hh.next;
    if (e->dead && !e->pins) bury(p, e);
  }
  p->forgot = true;
}

static void kill(struct part *p, struct entry *e) {
  e->dead = true;
  p->dead++;
  set_live(p, p->live - 1);
  WEIR_HB_IF {
    weir_clock_set(&e->changed);
    weir_hb_release_(p);
    return;
  }
  WEIR_EDGE(release, p);
  if (!e->pins) bury(p, e);
}

static struct entry *add(struct weir_map_ *m, struct part *p, const struct key *k) {
  bool text = m->keys == WEIR_MAP_TEXT_;
  struct entry *e = malloc(sizeof *e + m->value_size + (text ? k->size + 1 : 0));
  if (!e) return NULL;
  weir_zero(e, sizeof *e);
  e->word = k->word;
  void *bytes = &e->word;
  if (text) {
    bytes = e->value + m->value_size;
    weir_copy(bytes, k->bytes, k->size + 1);
    e->word = (uint64_t)bytes;
  }
  HASH_ADD_KEYPTR_BYHASHVALUE(hh, p->first, bytes, k->size, (unsigned)k->hash, e);
  if (!e->hh.tbl) { // no memory for the table
    free(e);
    return NULL;
  }
  e->born = p->births++;
  e->dead = true;
  p->dead++;
  return e;
}

// Gives the key the value; e is what find said. NULL: no memory.
static struct entry *put(struct weir_map_ *m, struct part *p, const struct key *k, struct entry *e,
                         const void *value) {
  if (!e && !(e = add(m, p, k))) return NULL;
  if (e->dead) {
    e->dead = false;
    p->dead--;
    set_live(p, p->live + 1);
  }
  weir_copy(e->value, value, m->value_size);
  WEIR_HB_IF
  weir_clock_set(&e->changed);
  else WEIR_EDGE(release, p);
  return e;
}

static void copy_out(const struct weir_map_ *m, void *dst, const struct entry *e) {
  if (!dst) return;
  if (is_live(e))
    weir_copy(dst, e->value, m->value_size);
  else
    weir_zero(dst, m->value_size);
}

// --- the calls -----------------------------------------------------------------------------------

// To the race detector each call reads the map: so freeing it must be ordered after.
static void begin(struct weir_map_ *m, const void *pc) {
  weir_api_enter(pc);
  WEIR_TRACE_FILE(MAP, weir_self(), m, NULL, pc);
  WEIR_HB_IF {
    weir_hb_read_(m, sizeof m->keys, pc);
    weir_hb_call_(pc, WEIR_SYNC_MAP, NULL);
  }
}

// Begins a call on one key: takes the lock of its part.
static struct part *enter(struct weir_map_ *m, struct key *k, const void *pc) {
  begin(m, pc);
  if (m->keys == WEIR_MAP_TEXT_)
    text_key(m, k, pc);
  else
    word_key(m, k);
  struct part *p = &m->part[k->hash >> 32 & m->mask];
  weir_lock_acquire(&p->lock);
  return p;
}

// Ends it. The program's memory at dst was written.
static void leave(struct weir_map_ *m, struct part *p, void *dst, const void *pc) {
  trim_dead(p);
  weir_lock_release(&p->lock);
  if (dst) WEIR_HB(write, dst, m->value_size, pc);
  weir_api_leave();
}

static void say(bool *loaded, bool was, const void *pc) {
  if (!loaded) return;
  *loaded = was;
  WEIR_HB(write, loaded, sizeof *loaded, pc);
}

static uint32_t count_of_parts(void) {
  uint32_t wanted = (uint32_t)weir_set_procs(0) * PARTS_PER_PROC, n = PARTS_MIN;
  while (n < wanted && n < PARTS_MAX)
    n *= 2;
  return n;
}

struct weir_map_ *weir_map_make_(enum weir_map_keys_ keys, size_t key_size, size_t value_size) {
  uint32_t parts = count_of_parts();
  size_t size = sizeof(struct weir_map_) + parts * sizeof(struct part);
  struct weir_map_ *m = aligned_alloc(_Alignof(struct weir_map_), size);
  if (!m) return NULL;
  weir_zero(m, size);
  m->keys = keys;
  m->mask = parts - 1;
  m->key_size = key_size;
  m->value_size = value_size;
  m->seed = (uint64_t)weir_random() << 32 | weir_random();
  WEIR_HB_IF for (uint32_t i = 0; i < parts; i++) weir_hb_clear_(&m->part[i]);
  return m;
}

bool weir_map_load_(struct weir_map_ *m, uint64_t key, void *dst) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  bool found = is_live(e);
  observe(p, e);
  copy_out(m, dst, e);
  leave(m, p, dst, pc);
  return found;
}

int weir_map_store_(struct weir_map_ *m, uint64_t key, const void *value) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = put(m, p, &k, find(p, &k), value);
  leave(m, p, NULL, pc);
  return e ? 0 : ENOMEM;
}

int weir_map_load_or_store_(struct weir_map_ *m, uint64_t key, const void *value, void *actual,
                            bool *loaded) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  bool found = is_live(e);
  observe(p, e);
  if (!found) e = put(m, p, &k, e, value);
  copy_out(m, actual, e);
  leave(m, p, actual, pc);
  say(loaded, found, pc);
  return e ? 0 : ENOMEM;
}

int weir_map_swap_(struct weir_map_ *m, uint64_t key, const void *value, void *previous,
                   bool *loaded) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  bool found = is_live(e);
  observe(p, e);
  copy_out(m, previous, e);
  e = put(m, p, &k, e, value);
  leave(m, p, previous, pc);
  say(loaded, found, pc);
  return e ? 0 : ENOMEM;
}

void weir_map_delete_(struct weir_map_ *m, uint64_t key) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  if (is_live(e)) kill(p, e);
  leave(m, p, NULL, pc);
}

bool weir_map_load_and_delete_(struct weir_map_ *m, uint64_t key, void *dst) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  bool found = is_live(e);
  observe(p, e);
  copy_out(m, dst, e);
  if (found) kill(p, e);
  leave(m, p, dst, pc);
  return found;
}

bool weir_map_compare_(struct weir_map_ *m, uint64_t key, const void *old, const void *new_) {
  const void *pc = __builtin_return_address(0);
  struct key k = {.word = key};
  struct part *p = enter(m, &k, pc);
  struct entry *e = find(p, &k);
  bool equal = is_live(e) && !differ(e->value, old, m->value_size);
  observe(p, e);
  if (equal && new_)
    put(m, p, &k, e, new_);
  else if (equal)
    kill(p, e);
  leave(m, p, NULL, pc);
  return equal;
}

void weir_map_clear_(struct weir_map_ *m) {
  begin(m, __builtin_return_address(0));
  for (uint32_t i = 0; i <= m->mask; i++) {
    struct part *p = &m->part[i];
    weir_lock_acquire(&p->lock);
    for (struct entry *e = p->first, *next; e; e = next) {
      next = e->hh.next;
      if (!e->dead) kill(p, e);
    }
    trim_dead(p);
    weir_lock_release(&p->lock);
  }
  weir_api_leave();
}

size_t weir_map_len_(struct weir_map_ *m) {
  size_t n = 0;
  begin(m, __builtin_return_address(0));
  weir_api_leave();
  for (uint32_t i = 0; i <= m->mask; i++)
    n += __atomic_load_n(&m->part[i].live, __ATOMIC_RELAXED);
  return n;
}

void weir_map_free_(struct weir_map_ *m) {
  if (!m) return;
  weir_api_enter(__builtin_return_address(0));
  for (uint32_t i = 0; i <= m->mask; i++)
    while (m->part[i].first)
      destroy(&m->part[i], m->part[i].first);
  free(m);
  weir_api_leave();
}

// --- range ---------------------------------------------------------------------------------------

// The next live entry of this part that was there when the range came to it.
static struct entry *step(struct part *p, struct weir_map_iter_ *it) {
  struct entry *at = it->at, *e = at ? at->hh.next : p->first;
  if (!at) it->end = p->births;
  while (e && e->dead && e->born < it->end)
    e = e->hh.next;
  return e && e->born < it->end ? e : NULL;
}

static void unpin(struct part *p, struct entry *e) {
  if (e && --e->pins == 0 && e->dead && !weir_hb_on) bury(p, e);
}

static void stand_on(const struct weir_map_ *m, struct part *p, struct entry *e, void *key,
                     void *value) {
  e->pins++;
  observe(p, e);
  weir_copy(key, &e->word, m->key_size); // little-endian
  copy_out(m, value, e);
}

bool weir_map_next_(struct weir_map_iter_ *it, void *key, void *value) {
  const void *pc = __builtin_return_address(0);
  struct weir_map_ *m = it->map;
  struct entry *e = NULL;
  begin(m, pc);
  for (; !e && it->part <= m->mask; it->part += !e) {
    struct part *p = &m->part[it->part];
    weir_lock_acquire(&p->lock);
    e = step(p, it);
    if (e) stand_on(m, p, e, key, value);
    unpin(p, it->at);
    it->at = e;
    weir_lock_release(&p->lock);
  }
  if (e) {
    WEIR_HB(write, key, m->key_size, pc);
    if (value) WEIR_HB(write, value, m->value_size, pc);
  }
  weir_api_leave();
  return e;
}

void weir_map_iter_end_(struct weir_map_iter_ *it) {
  if (!it->at) return;
  struct part *p = &it->map->part[it->part];
  weir_lock_acquire(&p->lock);
  unpin(p, it->at);
  weir_lock_release(&p->lock);
}
