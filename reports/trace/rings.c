// SPDX-License-Identifier: Apache-2.0
//
// rings.h. Whoever stored events may have been killed between any two words: an event whose `who`
// is 0 is left out. The recorder's order of two events of one goroutine at the same tick is their
// order in the ring, so sorting keeps what stands first where times are equal.
#include "trace/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/memory.h"

enum { BYTES_MOST = 32 << 20, RING_MOST = 65536 };

struct found {
  struct weir_trace_event event;
  size_t number;
};

static int by_time(const void *a, const void *b) {
  const struct found *x = a, *y = b;
  if (x->event.ticks != y->event.ticks) return x->event.ticks < y->event.ticks ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

static size_t read_bytes(int fd, char *to, size_t n, uint64_t at) {
  size_t have = 0;
  while (have < n) {
    ssize_t got = pread(fd, to + have, n - have, (off_t)(at + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += (size_t)got;
  }
  return have;
}

// The events of one ring, from the one that would be overwritten next.
static size_t take(const char *ring, size_t events, struct found *to, size_t number) {
  uint32_t next;
  size_t n = 0;
  memcpy(&next, ring, sizeof next);
  for (size_t i = 0; i < events; i++) {
    size_t at = (next + i) % events;
    struct weir_trace_event e;
    memcpy(&e, ring + WEIR_TRACE_RING_HEAD + at * sizeof e, sizeof e);
    if (!e.who) continue;
    e.who &= (UINT64_C(1) << WEIR_TRACE_HIGH_SHIFT) - 1;
    to[n] = (struct found){e, number + n};
    n++;
  }
  return n;
}

static struct weir_trace_event *sorted(struct found *all, size_t n) {
  qsort(all, n, sizeof *all, by_time);
  struct weir_trace_event *out = weir_xmalloc(n * sizeof *out);
  for (size_t i = 0; i < n; i++)
    out[i] = all[i].event;
  return out;
}

struct weir_trace_event *weir_rings_read(int fd, const struct weir_trace_header *h, uint64_t size,
                                         size_t *count) {
  uint64_t each = h->ring_size, bytes = size - h->chunks_at;
  *count = 0;
  if (each < WEIR_TRACE_RING_HEAD + sizeof(struct weir_trace_event) || each > RING_MOST)
    return NULL;
  if (bytes > BYTES_MOST) bytes = BYTES_MOST;
  char *data = weir_xmalloc(bytes + 1);
  size_t rings = read_bytes(fd, data, bytes, h->chunks_at) / each;
  size_t events = (each - WEIR_TRACE_RING_HEAD) / sizeof(struct weir_trace_event), n = 0;
  struct found *all = weir_xmalloc((rings * events + 1) * sizeof *all);
  for (size_t i = 0; i < rings; i++)
    n += take(data + i * each, events, all + n, n);
  struct weir_trace_event *out = n ? sorted(all, n) : NULL;
  free(all);
  free(data);
  *count = n;
  return out;
}
