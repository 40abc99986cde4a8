// SPDX-License-Identifier: Apache-2.0
//
// base/object.h for who looks at all memory: what the program can get at through a block of the
// runtime's. A channel gives its elements and nothing else: not the goroutines in its queues, nor
// what stays in its slots of elements that were received. A block is a channel if it says so and
// everything in its head agrees; contexts, timers and calls for later give all they hold.
#include "base/object.h"
#include "sync/chan.h"
#include "sync/slab.h"

void weir_object_hold(void) {
  weir_slab_hold();
}
void weir_object_release(void) {
  weir_slab_release();
}
void weir_object_each_free(void (*fn)(const void *block, void *arg), void *arg) {
  weir_slab_each_free(fn, arg);
}

static bool is_channel(const struct weir_chan_ *c, size_t size) {
  if (size < sizeof *c || c->magic != WEIR_CHAN_LIVE || c->elem_size > WEIR_CHAN_ELEM_MAX)
    return false;
  size_t slots, bytes;
  if (__builtin_mul_overflow(c->cap, (size_t)c->elem_size, &slots) ||
      __builtin_add_overflow(slots, sizeof *c, &bytes))
    return false;
  return bytes == c->bytes && bytes <= size && c->site && c->count <= c->cap &&
         (c->cap == 0 || (c->recv_at < c->cap && c->send_at < c->cap));
}

size_t weir_object_spans(const void *block, size_t size, struct weir_object_span out[2]) {
  struct weir_chan_ *c = (struct weir_chan_ *)block;
  if (!is_channel(c, size)) {
    out[0] = (struct weir_object_span){(uintptr_t)block, (uintptr_t)block + size};
    return 1;
  }
  uintptr_t slots = (uintptr_t)c->slots, end = slots + c->cap * c->elem_size;
  bool changing = atomic_load_explicit(&c->lock.word, memory_order_relaxed) != 0;
  if (changing) {
    out[0] = (struct weir_object_span){slots, end};
    return c->cap > 0;
  }
  if (c->count == 0) return 0;
  uintptr_t first = (uintptr_t)weir_chan_slot(c, c->recv_at);
  size_t bytes = c->count * c->elem_size;
  if (bytes <= end - first) {
    out[0] = (struct weir_object_span){first, first + bytes};
    return 1;
  }
  out[0] = (struct weir_object_span){first, end};
  out[1] = (struct weir_object_span){slots, slots + (bytes - (end - first))};
  return 2;
}
