// SPDX-License-Identifier: Apache-2.0
//
// knot.h: who could have woken whom, among goroutines none of which can run. Whoever has to give
// something back is bound by name (leak_bond.c). For everything else, it is those that can
// get at the object: from the own stack through memory; of the stack of another, only what a
// pointer leads to. Who waits for the same in the same way would not have helped.
//
// It looks only at memory that nothing alive leads to, which is little. A budget bounds it; edges
// that are missing then make the picture poorer, not wrong.
#include <string.h>

#include "detect/knot.h"
#include "detect/leak.h"
#include "os/copy.h"
#include "os/memory.h"

enum { EDGES = 1 << 16, SLOTS_MORE = 1024, WORDS = 8 << 20 };

static struct weir_knot_notes *notes;
static size_t mapped;
static size_t looking; // from this slot

struct weir_knot_notes *weir_knot_open(size_t slots) {
  size_t edges = EDGES * sizeof *notes->edge;
  slots += SLOTS_MORE;
  size_t seqs = slots * sizeof *notes->park_seq;
  mapped = (sizeof *notes + edges + seqs + slots + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE;
  char *memory = weir_mem_map_shared(mapped), *at = memory + sizeof *notes;
  if (!memory) return NULL;
  notes = (struct weir_knot_notes *)(void *)memory;
  *notes = (struct weir_knot_notes){.slots = slots};
  notes->edge = (struct weir_wait_edge *)(void *)at;
  notes->park_seq = (uint32_t *)(void *)(at + edges);
  notes->verdict = (uint8_t *)(at + edges + seqs);
  return notes;
}

void weir_knot_clear(struct weir_knot_notes *n) {
  n->n_edges = 0;
  weir_zero(n->verdict, n->slots);
}

void weir_knot_close(void) {
  weir_mem_unmap(notes, mapped);
  notes = NULL;
}

void weir_knot_note(struct weir_knot_notes *n, size_t slot, enum weir_verdict verdict) {
  struct weir_g_context c;
  if (slot >= n->slots || n->verdict[slot] >= verdict) return;
  weir_inspect_context(slot, &c);
  n->park_seq[slot] = c.park_seq;
  n->verdict[slot] = (uint8_t)verdict;
}

static void add(size_t waiter, size_t waker, const void *object, bool has) {
  if (notes->n_edges == EDGES || waiter >= notes->slots || waker >= notes->slots) return;
  notes->edge[notes->n_edges++] =
      (struct weir_wait_edge){(uint32_t)waiter, (uint32_t)waker, has, object};
}

static void add_bond(size_t holder, size_t waiter, const void *object) {
  if (weir_mark_left(holder) && weir_mark_left(waiter)) add(waiter, holder, object, true);
}

// The way in which the goroutine in that slot waits for the object; NONE: it does not.
static enum weir_wait_op op_on(size_t slot, const void *object) {
  enum { AT_ONCE = 16 };
  struct weir_wait_on on[AT_ONCE];
  for (size_t from = 0, n = AT_ONCE; from < n; from += AT_ONCE) {
    n = weir_inspect_waits_stopped(slot, on, AT_ONCE, from);
    for (size_t i = 0; i < AT_ONCE && from + i < n; i++)
      if (on[i].object == object) return on[i].op;
  }
  return WEIR_WAIT_NONE;
}

static bool known(size_t waiter, size_t waker, const void *object) {
  enum { BACK = 64 };
  size_t low = notes->n_edges < BACK ? 0 : notes->n_edges - BACK;
  for (size_t i = notes->n_edges; i-- > low;) {
    const struct weir_wait_edge *e = &notes->edge[i];
    if (e->waiter == waiter && e->waker == waker && e->object == object) return true;
  }
  return false;
}

static void add_reached(const void *object, size_t waiter) {
  if (waiter == looking || !weir_mark_left(waiter) || weir_bond_suffices(waiter)) return;
  if (op_on(waiter, object) == op_on(looking, object)) return;
  if (!known(waiter, looking, object)) add(waiter, looking, object, false);
}

void weir_knot_find(struct weir_knot_notes *n) {
  size_t budget = WORDS, slots = weir_inspect_slots();
  weir_bonds_each(add_bond);
  for (looking = 0; looking < slots && looking < n->slots && budget; looking++)
    if (weir_mark_left(looking)) weir_mark_from(looking, &budget, add_reached);
}
