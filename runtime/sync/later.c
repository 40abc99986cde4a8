// SPDX-License-Identifier: Apache-2.0
//
// later.h. The block of the call is copied as bytes, as weir_go copies it to the new stack; the
// goroutine that runs it begins with the edges, which only it can announce. The copy lives
// until the last run is over, also when that leaves by weir_goexit.
#include "sync/later.h"

#include <stdatomic.h>
#include <weir/go.h>

#include "base/check.h"
#include "os/copy.h"
#include "sched/sched.h"
#include "sync/slab.h"

struct weir_later {
  _Atomic uint32_t holders;
  uint32_t size; // of all
  const struct weir_site *site;
  struct weir_clock *made;
  _Alignas(16) char block[];
};

struct weir_later *weir_later_new(const void *block, const struct weir_site *site) {
  size_t size = weir_block_size(block);
  struct weir_later *l = weir_slab_alloc(sizeof *l + size);
  if (!l) weir_fatal("no memory to keep a call for later");
  atomic_store_explicit(&l->holders, 1, memory_order_relaxed);
  l->size = (uint32_t)(sizeof *l + size);
  l->site = site;
  l->made = NULL;
  WEIR_EDGE_IF l->made = weir_clock_new();
  weir_copy(l->block, block, size);
  return l;
}

void weir_later_drop(struct weir_later *l) {
  // acq_rel: the last holder frees what all others have read
  if (!l || atomic_fetch_sub_explicit(&l->holders, 1, memory_order_acq_rel) != 1) return;
  weir_clock_free(l->made);
  weir_slab_free(l, l->size);
}

static void run(struct weir_later *l, struct weir_clock *from) {
  weir_defer(weir_later_drop, l);
  weir_clock_acquire(l->made);
  weir_clock_acquire(from);
  weir_clock_free(from);
  ((void (^)(void))(void *)l->block)();
}

void weir_later_start(struct weir_later *l, struct weir_clock *from) {
  atomic_fetch_add_explicit(&l->holders, 1, memory_order_relaxed);
  weir_go_start_(
      (const void *)^{
        run(l, from);
      },
      l->site);
}
