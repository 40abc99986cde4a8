// SPDX-License-Identifier: Apache-2.0
//
// leak.h: from the roots to all that can be reached, and to the goroutines that are not among it.
//
// A goroutine is alive when it can run, when something outside the program's memory wakes it
// (sleep, descriptor, blocking call), when it says that it may block for ever, when its stack can
// be reached, or when one of the things that it waits for lies in a block that can be reached, or
// in no block at all. Each thing waited for is entered under its block once; reaching the
// block looks there. The stack of a live goroutine, from its stack pointer up, is
// reached with it. What is left over is leaked: nothing alive leads to what could wake it.
//
// With bonds (leak_bond.c) a goroutine is alive only when those are that it waits for, too; its
// stack may be reached, and what lies on it, without its being alive.
//
// What leak_scan.c finds waits in two short queues while the cache fetches first what says whether
// the block was reached before, then the block. Large blocks are scanned in pieces, with what they
// lead to in between: so a block is scanned while it is still in the cache.
#include "detect/leak.h"

#include <errno.h>

#include "base/hooks.h"
#include "os/copy.h"
#include "os/maps.h"
#include "os/memory.h"

enum { COPY = 64 << 10, NEAR = 256, NEAR_MAX = 32, PIECE = 1 << 10, QUEUE = 16 };

struct node {
  uintptr_t sp, high;              // of its stack, in use
  uintptr_t low, key;              // of all of it; of the block that it is
  uintptr_t waits_low, waits_high; // on it, what the queues of objects point to
  uint32_t next;                   // reached, and not yet scanned: 1 + slot
  uint32_t next_live;              // alive, and its bonds not yet released: 1 + slot
  bool exists, live, always, candidate;
  bool reached;  // its stack
  bool anybodys; // what it waits for lies where everybody can get at it
  bool awaited;  // something alive leads to what it waits for
};

struct queue { // of addresses; 0: none
  uintptr_t address[QUEUE];
  size_t at;
};

struct link { // that a goroutine waits for an object in the block at `key`
  uintptr_t key;
  const void *object;
  uint32_t next, slot; // next: 1 + index, 0: the last
};

static struct {
  struct node *node;
  size_t n;
  struct link *link;
  uint32_t *head; // by hash of the key
  size_t n_links, max_links, mask;
  struct weir_object_span *todo;
  size_t n_todo, max_todo;
  uint32_t fresh; // first of those whose stack is not yet scanned: 1 + slot
  uint32_t freed; // first of the live ones whose bonds are not yet released: 1 + slot
  bool full;
  bool waited[WEIR_AREA_KINDS]; // somebody waits for a thing in a block of that kind
  struct queue fetched, fresh_blocks;
  // while weir_mark_from looks: whom to tell, and which blocks it has marked
  void (*found)(const void *object, size_t waiter);
  struct weir_block *seen;
  size_t n_seen, max_seen;
  const struct node *from;
  uintptr_t near[NEAR_MAX]; // where it has looked on stacks of others
  size_t n_near;
  char copy[COPY + 8];
} m;

// --- goroutines
// ----------------------------------------------------------------------------------------

static void running(long slot, uintptr_t sp) {
  struct node *g = &m.node[slot];
  if (!g->exists) return;
  g->sp = sp > g->low ? sp : g->low;
  g->always = true;
}

static void held(long slot) {
  m.node[slot].always = true;
}

static void look_at_goroutine(size_t slot) {
  struct weir_g_context c;
  struct node *g = &m.node[slot];
  weir_inspect_context(slot, &c);
  *g = (struct node){0};
  struct weir_block b;
  if (c.state == WEIR_G_DEAD || c.thread || !c.stack_high) return;
  if (!weir_space_find(c.stack_high - 1, &b)) return;
  g->exists = true;
  g->high = c.stack_high;
  g->low = slot ? c.stack_low : b.low; // main's grows
  g->key = b.low;
  g->waits_low = c.waits_low;
  g->waits_high = c.waits_high;
  // One in the middle of a switch still has its saved context. The same is said of one whose
  // thread is on a stack of the program's own making: then all of its stack counts.
  g->sp = c.state == WEIR_G_RUNNING ? g->low : c.sp;
  g->candidate = c.state == WEIR_G_WAITING && !c.expected && !c.being_woken &&
                 !weir_waits_outside(c.op) && !(slot == 0 && weir_waits_for_ever(c.op));
  g->always = !g->candidate;
}

static size_t hash(uintptr_t key) {
  return (size_t)(key / 16 * 0x9e3779b97f4a7c15ull >> 32) & m.mask;
}

static void enter(uintptr_t key, size_t slot, const void *object) {
  uint32_t *head = &m.head[hash(key)];
  m.link[m.n_links] = (struct link){key, object, *head, (uint32_t)slot};
  *head = (uint32_t)++m.n_links;
}

static bool on_a_dead_stack(const struct weir_block *b) {
  return b->kind == WEIR_AREA_STACKS && !m.node[b->slot].exists;
}

// The block by whose reaching the goroutine wakes.
static void wait_for(size_t slot, const void *object) {
  struct weir_block b;
  if (!object) return; // a nil channel
  if (!weir_space_find((uintptr_t)object, &b) || on_a_dead_stack(&b)) {
    m.node[slot].anybodys = true;
    return;
  }
  enter(b.low, slot, object);
  m.waited[b.kind] = true;
}

static void each_wait(size_t slot, void (*fn)(size_t slot, const void *object)) {
  enum { AT_ONCE = 16 };
  struct weir_wait_on on[AT_ONCE];
  for (size_t from = 0, n = AT_ONCE; from < n; from += AT_ONCE) {
    n = weir_inspect_waits_stopped(slot, on, AT_ONCE, from);
    for (size_t i = 0; i < AT_ONCE && from + i < n; i++)
      fn(slot, on[i].object);
  }
}

static void count_wait(size_t slot, const void *object) {
  (void)slot, (void)object;
  m.max_links++;
}

static int link_all(void) {
  m.n_links = m.max_links = 0;
  weir_zero(m.waited, sizeof m.waited);
  for (size_t i = 0; i < m.n; i++)
    if (m.node[i].candidate) each_wait(i, count_wait);
  for (m.mask = 1023; m.mask < m.max_links; m.mask = 2 * m.mask + 1)
    ;
  m.link = weir_leak_take(m.max_links * sizeof *m.link);
  m.head = weir_leak_take((m.mask + 1) * sizeof *m.head);
  if (!m.link || !m.head) return -ENOMEM;
  for (size_t i = 0; i < m.n; i++)
    if (m.node[i].candidate) each_wait(i, wait_for);
  return 0;
}

static bool is_candidate(size_t slot) {
  return m.node[slot].candidate && !m.node[slot].always;
}

int weir_mark_goroutines(const struct weir_leak_caller *caller) {
  m.n = weir_inspect_slots();
  if (!(m.node = weir_leak_take(m.n * sizeof *m.node))) return -ENOMEM;
  for (size_t i = 0; i < m.n; i++)
    look_at_goroutine(i);
  weir_roots_each_thread(caller, running, held);
  int err = link_all();
  if (!err) err = weir_bonds_gather(m.n, is_candidate);
  if (err) return err;
  size_t bytes;
  m.todo = weir_leak_rest(&bytes);
  m.max_todo = bytes / sizeof *m.todo;
  return 0;
}

// --- reaching
// ----------------------------------------------------------------------------------------------

static void push(uintptr_t low, uintptr_t high) {
  if (m.n_todo == m.max_todo)
    m.full = true;
  else if (low < high)
    m.todo[m.n_todo++] = (struct weir_object_span){low, high};
}

// Stacks come later, from a list: a chain of those who wait on each other's stacks is long. So do
// bonds.
static void open_stack(size_t slot) {
  struct node *g = &m.node[slot];
  if (g->reached || !g->exists) return;
  g->reached = true;
  g->next = m.fresh;
  m.fresh = (uint32_t)slot + 1;
}

static void reach_goroutine(size_t slot) {
  struct node *g = &m.node[slot];
  if (g->live || !g->exists) return;
  g->awaited = true;
  if (!g->always && weir_bond_holds(slot)) return;
  g->live = true;
  g->next_live = m.freed;
  m.freed = (uint32_t)slot + 1;
  open_stack(slot);
}

static void let_go(size_t slot) {
  if (m.node[slot].awaited || weir_bond_suffices(slot)) reach_goroutine(slot);
}

static void wake_waiters(uintptr_t block) {
  for (uint32_t i = m.head[hash(block)]; i; i = m.link[i - 1].next) {
    const struct link *l = &m.link[i - 1];
    if (l->key != block) continue;
    if (m.found)
      m.found(l->object, l->slot);
    else
      reach_goroutine(l->slot);
  }
}

// Of the stack of another: what a pointer leads to, not all that is the other's.
static void look_near(const struct node *g, uintptr_t address) {
  if (g == m.from || m.n_near == NEAR_MAX) return;
  for (size_t i = 0; i < m.n_near; i++)
    if (address - m.near[i] < NEAR) return;
  m.near[m.n_near++] = address;
  wake_waiters(g->key);
  push(address, g->high - address < NEAR ? g->high : address + NEAR);
}

// A pointer into the part of a stack that is in use: what lies there can be reached. (From an
// object that is reached wakes who waits in its queue, not that the queue leads to a stack.)
static void reach_stack(const struct weir_block *b, uintptr_t address) {
  size_t slot = b->kind == WEIR_AREA_MAIN ? 0 : (size_t)b->slot;
  const struct node *g = &m.node[slot];
  if (!g->exists || address < g->sp || address > g->high) return;
  if (g->candidate && address >= g->waits_low && address < g->waits_high) return;
  if (m.found) {
    look_near(g, address);
    return;
  }
  open_stack(slot);
  reach_goroutine(slot);
}

static void reach_found(const struct weir_block *b) {
  if (*b->mark & b->bit) return;
  if (m.found) {
    if (m.n_seen == m.max_seen) return;
    m.seen[m.n_seen++] = *b;
  }
  *b->mark |= b->bit;
  if (b->kind == WEIR_AREA_HEAP || b->kind == WEIR_AREA_TSAN_HEAP) {
    push(b->low, b->high);
  } else {
    struct weir_object_span span[2];
    size_t n = weir_object_spans((const void *)b->low, b->high - b->low, span);
    for (size_t i = 0; i < n; i++)
      push(span[i].low, span[i].high);
  }
  if (m.waited[b->kind]) wake_waiters(b->low);
}

// Where blocks have no heads, a pointer one past the end of a block is one to the next.
static void reach_end(uintptr_t last) {
  struct weir_block b;
  if (weir_space_find(last, &b) && b.kind == WEIR_AREA_TSAN_HEAP && last == b.high - 1)
    reach_found(&b);
}

static void reach(uintptr_t address) {
  struct weir_block b;
  if (weir_hb_fibers && address % 16 == 0) reach_end(address - 1);
  if (!weir_space_find(address, &b)) return;
  if (b.kind == WEIR_AREA_STACKS || b.kind == WEIR_AREA_MAIN)
    reach_stack(&b, address);
  else
    reach_found(&b);
}

static bool is_new(uintptr_t address) {
  if (weir_hb_fibers && address % 16 == 0 && weir_space_is_new(address - 1)) return true;
  return weir_space_is_new(address);
}

// What falls out of the queue as another gets in; 0: nothing.
static uintptr_t pass(struct queue *q, uintptr_t address) {
  uintptr_t first = q->address[q->at];
  q->address[q->at] = address;
  q->at = (q->at + 1) % QUEUE;
  return first;
}

static void pass_found(uintptr_t address) {
  uintptr_t next = is_new(address) ? pass(&m.fresh_blocks, address) : 0;
  if (next) reach(next);
}

void weir_mark_queue(uintptr_t address) {
  weir_space_prefetch(address);
  uintptr_t next = pass(&m.fetched, address);
  if (next) pass_found(next);
}

static void reach_queued(void) {
  uintptr_t next;
  for (size_t i = 0; i < QUEUE; i++)
    if ((next = pass(&m.fetched, 0))) pass_found(next);
  for (size_t i = 0; i < QUEUE; i++)
    if ((next = pass(&m.fresh_blocks, 0))) reach(next);
}

static void empty_queues(void) {
  weir_zero(&m.fetched, sizeof m.fetched);
  weir_zero(&m.fresh_blocks, sizeof m.fresh_blocks);
}

static void reach_word(uintptr_t value) {
  value &= WEIR_ADDRESS_MASK;
  if (weir_space_is_near(value)) weir_mark_queue(value);
}

// --- memory that is to be looked through
// ------------------------------------------------------------------------------------

// A large block in pieces, what they lead to in between.
static void scan_next(void) {
  struct weir_object_span next = m.todo[--m.n_todo];
  uintptr_t end = next.high - next.low > PIECE ? next.low + PIECE : next.high;
  push(end, next.high);
  uintptr_t reaches = end + sizeof(uintptr_t) - 1;
  weir_scan(next.low, reaches < next.high ? reaches : next.high);
  if (!m.n_todo) reach_queued();
}

static void drain(void) {
  reach_queued();
  while ((m.n_todo || m.fresh || m.freed) && !m.full) {
    if (m.n_todo) {
      scan_next();
    } else if (m.freed) {
      uint32_t slot = m.freed - 1;
      m.freed = m.node[slot].next_live;
      weir_bonds_release(slot, let_go);
    } else {
      const struct node *g = &m.node[m.fresh - 1];
      m.fresh = g->next;
      push(g->sp, g->high);
      wake_waiters(g->key); // what lies on it need not be pointed to
    }
  }
}

// Piece by piece, with the last seven bytes of one before the next; pages that cannot be read
// cannot be read by anybody.
static void scan_root(uintptr_t low, uintptr_t high) {
  for (uintptr_t at = low; at < high && !m.full;) {
    uintptr_t n = high - at < COPY ? high - at : COPY;
    if (!weir_maps_copy(m.copy, at, n)) {
      uintptr_t page_end = (at / WEIR_PAGE + 1) * WEIR_PAGE;
      n = page_end < high ? page_end - at : high - at;
      if (!weir_maps_copy(m.copy, at, n)) {
        at += n;
        continue;
      }
    }
    weir_scan((uintptr_t)m.copy, (uintptr_t)m.copy + n);
    drain();
    at += n > 8 && n < high - at ? n - 8 : n;
  }
}

static void hide_free(const void *block, void *arg) {
  struct weir_block b;
  (void)arg;
  if (weir_space_find((uintptr_t)block, &b) && b.mark) *b.mark |= b.bit;
}

int weir_mark(bool bonds) {
  m.full = false;
  m.n_todo = 0;
  m.fresh = m.freed = 0;
  m.found = NULL;
  empty_queues();
  weir_scan_learn();
  weir_space_forget();
  weir_object_each_free(hide_free, NULL);
  weir_bonds_reset(bonds);
  for (size_t i = 0; i < m.n; i++)
    m.node[i].live = m.node[i].reached = m.node[i].awaited = false;
  for (size_t i = 0; i < m.n; i++)
    if (m.node[i].always || m.node[i].anybodys) reach_goroutine(i);
  weir_roots_each(scan_root, reach_word);
  drain();
  return m.full ? -ENOMEM : 0;
}

// --- what only those lead to that are left over
// ----------------------------------------------------------------

bool weir_mark_from(size_t slot, size_t *budget, void (*fn)(const void *object, size_t waiter)) {
  const struct node *g = &m.node[slot];
  size_t all = m.max_todo;
  m.max_todo = all / 4;
  m.seen = (struct weir_block *)(void *)(m.todo + m.max_todo);
  m.max_seen = (all - m.max_todo) * sizeof *m.todo / sizeof *m.seen;
  m.n_todo = m.n_seen = m.n_near = 0;
  m.from = g;
  m.found = fn;
  wake_waiters(g->key);
  push(g->sp, g->high);
  while (m.n_todo && *budget && !m.full) {
    const struct weir_object_span *next = &m.todo[m.n_todo - 1];
    size_t words = (next->high - next->low) / sizeof(uintptr_t);
    if (words > PIECE / sizeof(uintptr_t)) words = PIECE / sizeof(uintptr_t);
    *budget -= words < *budget ? words : *budget;
    scan_next();
  }
  empty_queues();
  for (size_t i = 0; i < m.n_seen; i++)
    *m.seen[i].mark &= ~m.seen[i].bit;
  m.found = NULL;
  m.max_todo = all;
  return *budget && !m.full;
}

// --- the verdict
// -----------------------------------------------------------------------------------------------

static bool left(const struct node *g) {
  return g->exists && g->candidate && !g->always && !g->live;
}

bool weir_mark_any_left(void) {
  for (size_t i = 0; i < m.n; i++)
    if (left(&m.node[i])) return true;
  return false;
}

bool weir_mark_left(size_t slot) {
  return slot < m.n && left(&m.node[slot]);
}

size_t weir_mark_each_left(void (*fn)(size_t slot)) {
  size_t n = 0;
  for (size_t i = 0; i < m.n; i++)
    if (left(&m.node[i])) {
      fn(i);
      n++;
    }
  return n;
}
