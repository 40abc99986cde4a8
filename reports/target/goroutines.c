// SPDX-License-Identifier: Apache-2.0
//
// Slot after slot of the table of goroutines. One that waits or is to run has its registers below
// its stack pointer, one that runs has those of its thread.
#include "target/goroutines.h"

#include <stdlib.h>
#include <string.h>

#include "target/layout.h"
#include "target/objects.h"

enum { SLOTS_MAX = 1 << 24, WORKERS_MAX = 1024 };

struct reader {
  const struct weir_layout *l;
  struct weir_target *t;
  struct weir_seen *seen;
  struct weir_seen_goroutine *g; // the one that is read
};

static const char *text_at(const char *const *table, size_t n, uint64_t i) {
  return i < n ? table[i] : "";
}

// --- stacks ------------------------------------------------------------------------------

static const int saved_order[] = {15, 14, 13, 12, WEIR_REG_RBX, WEIR_REG_RBP, WEIR_REG_RIP};
enum { SAVED = sizeof saved_order / sizeof *saved_order };

static bool saved_registers(const struct reader *r, struct weir_regs *regs) {
  uint64_t sp = weir_layout_word(r->l, r->g->address, WEIR_L_G_SP), words[SAVED];
  *regs = (struct weir_regs){0};
  if (!sp || !weir_target_read(r->t, sp, words, sizeof words)) return false;
  for (int i = 0; i < SAVED; i++) {
    regs->value[saved_order[i]] = words[i];
    regs->known |= 1u << saved_order[i];
  }
  regs->value[WEIR_REG_RSP] = sp + sizeof words;
  regs->known |= 1u << WEIR_REG_RSP;
  return true;
}

static void keep(const struct reader *r, const uint64_t *pcs, size_t n, uint64_t **to,
                 size_t *count) {
  *to = WEIR_ARENA_ARRAY(&r->seen->arena, uint64_t, n + 1);
  memcpy(*to, pcs, n * sizeof *pcs);
  *count = n;
}

// Up to the first zero.
static size_t cold_frames(const struct reader *r, uint64_t *pcs) {
  size_t max = r->l->number[WEIR_L_COLD_FRAMES_MAX], n = 0;
  uint64_t cold = weir_layout_word(r->l, r->g->address, WEIR_L_G_COLD);
  if (max > WEIR_SEEN_FRAMES) max = WEIR_SEEN_FRAMES;
  if (!cold ||
      !weir_target_read(r->t, cold + r->l->number[WEIR_L_COLD_FRAMES], pcs, max * sizeof *pcs))
    return 0;
  while (n < max && pcs[n])
    n++;
  return n;
}

// From its own code on: the frames before are the runtime's, which nothing tells in a program that
// is stripped.
static size_t own_frames(const struct reader *r, uint64_t *pcs, size_t n) {
  uint64_t api = weir_layout_word(r->l, r->g->address, WEIR_L_G_API_PC);
  size_t skip = 0;
  while (skip < n && pcs[skip] != api)
    skip++;
  if (skip == n || r->g->state != WEIR_SEEN_WAITING) return n;
  memmove(pcs, pcs + skip, (n - skip) * sizeof *pcs);
  return n - skip;
}

static void read_stack(const struct reader *r) {
  struct weir_seen_goroutine *g = r->g;
  uint64_t pcs[WEIR_SEEN_FRAMES];
  struct weir_regs regs;
  size_t n = 0;
  const struct weir_target_thread *thread = g->tid ? weir_target_thread(r->t, g->tid) : NULL;
  if (thread)
    n = weir_target_unwind(r->t, &thread->regs, true, pcs, WEIR_SEEN_FRAMES);
  else if (g->thread)
    n = cold_frames(r, pcs); // what it kept as it parked
  else if (g->state != WEIR_SEEN_RUNNING && saved_registers(r, &regs))
    n = own_frames(r, pcs, weir_target_unwind(r->t, &regs, false, pcs, WEIR_SEEN_FRAMES));
  keep(r, pcs, n, &g->stack, &g->frames);
  n = g->thread ? 0 : cold_frames(r, pcs);
  keep(r, pcs, n, &g->creation, &g->creation_frames);
}

static int thread_of(const struct reader *r) {
  int workers = 0;
  weir_target_read(r->t, (uintptr_t)r->l->root.worker_count, &workers, sizeof workers);
  for (int i = 0; i < workers && i < WORKERS_MAX; i++) {
    uint64_t w = weir_target_word(r->t, (uintptr_t)r->l->root.workers + 8 * (uint64_t)i);
    if (w && weir_layout_word(r->l, w, WEIR_L_WORKER_CUR) == r->g->address)
      return (int)weir_layout_half(r->l, w, WEIR_L_WORKER_TID);
  }
  return 0;
}

// --- what it waits for and holds ---------------------------------------------------------------

static void read_waits(const struct reader *r) {
  struct weir_seen_goroutine *g = r->g;
  const struct weir_layout *l = r->l;
  uint64_t waits = weir_layout_word(l, g->address, WEIR_L_G_WAITS);
  uint64_t n = weir_layout_word(l, g->address, WEIR_L_G_N_WAITS);
  if (n > WEIR_SEEN_WAITS) n = WEIR_SEEN_WAITS;
  g->waits = WEIR_ARENA_ARRAY(&r->seen->arena, struct weir_seen_use, n + 1);
  for (uint64_t i = 0; i < n && waits && *g->op; i++) {
    uint64_t w = waits + i * l->number[WEIR_L_WAITER_SIZE];
    const char *kind =
        text_at(l->kinds, l->root.kind_count, weir_layout_half(l, w, WEIR_L_WAITER_KIND));
    if (!strcmp(kind, "timer") || !strcmp(kind, "fd")) continue; // the operation says it all
    int object =
        weir_seen_object_at(l, r->seen, kind, weir_layout_word(l, w, WEIR_L_WAITER_OBJECT));
    if (object < 0) continue;
    g->waits[g->wait_count++] = (struct weir_seen_use){
        text_at(l->ops, l->root.op_count, weir_layout_half(l, w, WEIR_L_WAITER_OP)), object, 0};
  }
}

static void read_holds(const struct reader *r) {
  struct weir_seen_goroutine *g = r->g;
  const struct weir_layout *l = r->l;
  uint64_t held = weir_layout_word(l, g->address, WEIR_L_G_HELD);
  uint32_t n = weir_layout_half(l, g->address, WEIR_L_G_HELD_COUNT);
  uint32_t max = l->number[WEIR_L_HELD_MAX], kept = n < max ? n : max;
  g->holds = WEIR_ARENA_ARRAY(&r->seen->arena, struct weir_seen_use, kept + 1);
  for (uint32_t i = 0; i < kept && held; i++) {
    uint64_t h = held + (uint64_t)((n - kept + i) % max) * l->number[WEIR_L_HELD_SIZE];
    uint64_t lock = weir_layout_word(l, h, WEIR_L_HELD_LOCK);
    int object = lock ? weir_seen_object_at(l, r->seen, NULL, lock) : -1;
    if (object < 0) continue;
    g->holds[g->hold_count++] =
        (struct weir_seen_use){"", object, weir_layout_word(l, h, WEIR_L_HELD_PC)};
  }
}

// --- one goroutine -------------------------------------------------------------------------------

// The name it was given, or that of its function: "worker" of "&worker".
static const char *name_of(const struct reader *r, uint64_t cold) {
  struct weir_arena *a = &r->seen->arena;
  const char *given = cold ? weir_target_text(r->t, cold + r->l->number[WEIR_L_COLD_NAME], a) : "";
  if (*given || r->g->thread) return given;
  uint64_t site = weir_layout_word(r->l, r->g->address, WEIR_L_G_GO_SITE);
  const char *name = weir_seen_site_at(r->l, r->seen, site).name;
  name += strspn(name, "&(*");
  return weir_arena_copy(a, name, strcspn(name, ")"));
}

static const char *labels_of(const struct reader *r, uint64_t cold) {
  size_t n = r->l->number[WEIR_L_COLD_LABELS_SIZE];
  char *labels = weir_arena_alloc(&r->seen->arena, n + 2); // two zeros end it, whatever it holds
  if (cold) weir_target_read(r->t, cold + r->l->number[WEIR_L_COLD_LABELS], labels, n);
  return labels;
}

static void read_goroutine(const struct reader *r, int64_t now) {
  struct weir_seen_goroutine *g = r->g;
  const struct weir_layout *l = r->l;
  uint64_t cold = weir_layout_word(l, g->address, WEIR_L_G_COLD);
  g->id = weir_layout_word(l, g->address, WEIR_L_G_ID);
  g->parent = weir_layout_word(l, g->address, WEIR_L_G_PARENT);
  g->thread = weir_layout_byte(l, g->address, WEIR_L_G_THREAD);
  g->expected = weir_layout_byte(l, g->address, WEIR_L_G_EXPECTED);
  g->op = text_at(l->ops, l->root.op_count, weir_layout_byte(l, g->address, WEIR_L_G_OP));
  int64_t since = (int64_t)weir_layout_word(l, g->address, WEIR_L_G_SINCE);
  g->since_ns = *g->op && since > 0 && now > since ? now - since : -1;
  g->name = name_of(r, cold);
  g->labels = labels_of(r, cold);
  if (g->state == WEIR_SEEN_RUNNING) g->tid = thread_of(r);
  read_waits(r);
  read_holds(r);
  read_stack(r);
}

static struct weir_seen_goroutine *add(struct weir_seen *seen, uint64_t address, uint32_t state) {
  if (seen->count == seen->room) {
    seen->room = seen->room ? 2 * seen->room : 64;
    seen->goroutines = weir_xrealloc(seen->goroutines, seen->room * sizeof *seen->goroutines);
  }
  struct weir_seen_goroutine *g = &seen->goroutines[seen->count++];
  *g = (struct weir_seen_goroutine){.address = address, .state = (enum weir_seen_state)state};
  return g;
}

static uint64_t slot_at(const struct weir_layout *l, uint64_t slot) {
  if (slot == 0) return (uintptr_t)l->table.main;
  uint64_t in_chunk = l->number[WEIR_L_G_CHUNK], n = slot - 1;
  uint64_t chunk = weir_target_word(l->t, (uintptr_t)l->table.chunks + 8 * (n / in_chunk));
  return chunk ? chunk + n % in_chunk * l->number[WEIR_L_G_SIZE] : 0;
}

bool weir_seen_read(struct weir_target *t, const char *verb, struct weir_seen *seen) {
  struct weir_layout l;
  *seen = (struct weir_seen){0};
  if (!weir_layout_read(t, verb, &seen->arena, &l)) return false;
  uint64_t slots = weir_target_word(t, (uintptr_t)l.table.count) + 1;
  int64_t now = (int64_t)weir_target_word(t, (uintptr_t)l.root.now);
  for (uint64_t i = 0; i < slots && i < SLOTS_MAX; i++) {
    uint64_t address = slot_at(&l, i);
    uint32_t state = weir_layout_byte(&l, address, WEIR_L_G_STATE);
    bool there = address && state <= WEIR_SEEN_WAITING &&
                 (!i || weir_layout_half(&l, address, WEIR_L_G_SLOT) == i);
    if (!there) seen->lost++;
    if (!there || state == WEIR_SEEN_DEAD) continue;
    struct reader r = {&l, t, seen, add(seen, address, state)};
    read_goroutine(&r, now);
  }
  return true;
}

const struct weir_seen_goroutine *weir_seen_find(const struct weir_seen *seen, uint64_t id) {
  for (size_t i = 0; i < seen->count && id; i++)
    if (seen->goroutines[i].id == id) return &seen->goroutines[i];
  return NULL;
}

void weir_seen_free(struct weir_seen *seen) {
  free(seen->goroutines);
  free(seen->objects);
  free(seen->by_address);
  weir_arena_free(&seen->arena);
}
