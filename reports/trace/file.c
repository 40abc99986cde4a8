// SPDX-License-Identifier: Apache-2.0
//
// file.h. All that is kept of a file is its tables, one entry for each chunk, and one chunk for
// each lane. Lanes are merged by a heap. The file is read with pread, never mapped: it may shrink.
// Rings are the one lane of those that are no workers.
#include "trace/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/memory.h"
#include "trace/rings.h"

#define LONGEST_NS INT64_C(100000000000000000)
enum { TABLES_MOST = 16 << 20, LANES = 1025, MODULES_MOST = 4096, TAG_BITS = 48 };

struct chunk {
  uint64_t seq;
  uint32_t lane, slot;
};

struct lane {
  size_t first, end, at; // chunks
  struct weir_trace_event *events;
  size_t next, count;
  int64_t ns;     // of the next event
  int64_t latest; // no event of this lane is earlier
};

struct weir_trace {
  int fd;
  struct weir_trace_header h;
  char *tables;
  size_t tables_size;
  const char **sync_texts, **wait_texts;
  struct weir_trace_module *modules;
  size_t n_modules;
  struct chunk *chunks;
  size_t n_chunks, chunks_read;
  size_t n_rings; // events of rings, all of them in lane 0; 0: chunks
  uint64_t highest, damaged;
  struct lane lanes[LANES];
  unsigned heap[LANES], n_heap;
  double ns_per_tick;
};

static bool read_all(int fd, void *to, size_t n, uint64_t at) {
  size_t have = 0;
  while (have < n) {
    ssize_t got = pread(fd, (char *)to + have, n - have, (off_t)(at + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    have += (size_t)got;
  }
  return true;
}

// --- tables ----------------------------------------------------------------------------------

static bool lies_in(const struct weir_trace *t, uint64_t at, uint64_t size) {
  return at <= t->tables_size && size <= t->tables_size - at;
}

static const char *check(const struct weir_trace_header *h, uint64_t size) {
  if (memcmp(h->magic, WEIR_TRACE_MAGIC, sizeof h->magic)) return "is no trace of Weir's";
  if (h->byte_order != WEIR_TRACE_BYTE_ORDER) return "was written on another kind of machine";
  if (h->version != WEIR_TRACE_VERSION) return "is of another version of Weir";
  if (h->chunk_size != WEIR_TRACE_CHUNK_BYTES || h->event_size != sizeof(struct weir_trace_event) ||
      h->chunks_at < sizeof *h || h->chunks_at > TABLES_MOST)
    return "is damaged at its beginning";
  return h->chunks_at > size ? "is cut off in its beginning" : NULL;
}

// The n texts from *at on; those that are not there are "".
static const char **texts(const struct weir_trace *t, uint32_t *at, uint32_t n) {
  if (n > 1024) n = 0;
  const char **out = weir_xmalloc((n + 1) * sizeof *out);
  uint32_t end = t->h.texts_at + t->h.texts_size;
  for (uint32_t i = 0; i <= n; i++)
    out[i] = "";
  for (uint32_t i = 0; i < n && *at < end; i++) {
    const char *s = t->tables + *at;
    size_t len = strnlen(s, end - *at);
    if (len == end - *at) break;
    out[i] = s;
    *at += (uint32_t)len + 1;
  }
  return out;
}

// "BASE BUILD-ID PATH"; the line is taken apart in place. False: it is no such line.
static bool parse_module(char *line, struct weir_trace_module *m) {
  char *end, *id, *path;
  errno = 0;
  m->base = strtoull(line, &end, 16);
  if (errno || end == line || *end != ' ') return false;
  id = end + 1;
  path = strchr(id, ' ');
  if (!path) return false;
  *path++ = 0;
  m->build_id = *id == '-' ? "" : id;
  m->path = path;
  return true;
}

static void load_modules(struct weir_trace *t) {
  char *line = t->tables + t->h.modules_at, *end = line + t->h.modules_size;
  t->modules = weir_xmalloc(MODULES_MOST * sizeof *t->modules);
  while (line < end && *line && t->n_modules < MODULES_MOST) {
    char *stop = memchr(line, '\n', (size_t)(end - line));
    if (!stop) break;
    *stop = 0;
    if (parse_module(line, &t->modules[t->n_modules])) t->n_modules++;
    line = stop + 1;
  }
}

static bool load_tables(struct weir_trace *t) {
  const struct weir_trace_header *h = &t->h;
  t->tables_size = h->chunks_at;
  t->tables = weir_xmalloc(t->tables_size + 1);
  if (!read_all(t->fd, t->tables, t->tables_size, 0)) return false;
  t->tables[t->tables_size] = 0;
  if (!lies_in(t, h->texts_at, h->texts_size) || !lies_in(t, h->modules_at, h->modules_size) ||
      !lies_in(t, h->strings_at, h->strings_size) ||
      !lies_in(t, h->sites_at, (uint64_t)h->sites_max * sizeof(struct weir_trace_site)) ||
      h->sites_at % sizeof(uint32_t) ||
      !lies_in(t, h->stacks_at, (uint64_t)h->stacks_max * sizeof(struct weir_trace_stack)))
    return false;
  uint32_t at = h->texts_at;
  if (t->h.sync_ops > 1024) t->h.sync_ops = 0;
  if (t->h.wait_ops > 1024) t->h.wait_ops = 0;
  t->sync_texts = texts(t, &at, t->h.sync_ops);
  t->wait_texts = texts(t, &at, t->h.wait_ops);
  load_modules(t);
  t->h.program[sizeof t->h.program - 1] = 0;
  return true;
}

const char *weir_trace_sync_text(const struct weir_trace *t, unsigned op) {
  return op < t->h.sync_ops ? t->sync_texts[op] : "";
}
const char *weir_trace_wait_text(const struct weir_trace *t, unsigned op) {
  return op < t->h.wait_ops ? t->wait_texts[op] : "";
}

static const char *string_at(const struct weir_trace *t, uint32_t at) {
  if (at >= t->h.strings_size) return "";
  const char *s = t->tables + t->h.strings_at + at;
  return strnlen(s, t->h.strings_size - at) < t->h.strings_size - at ? s : "";
}

struct weir_trace_place weir_trace_place(const struct weir_trace *t, unsigned site) {
  struct weir_trace_site s = {0};
  if (site && site < t->h.sites_max)
    memcpy(&s, t->tables + t->h.sites_at + site * sizeof s, sizeof s);
  return (struct weir_trace_place){string_at(t, s.name), string_at(t, s.func), string_at(t, s.file),
                                   s.line};
}

size_t weir_trace_stack(const struct weir_trace *t, uint64_t number,
                        uint64_t pcs[WEIR_TRACE_FRAMES]) {
  struct weir_trace_stack s = {0};
  size_t n = 0;
  if (number && number < t->h.stacks_max)
    memcpy(&s, t->tables + t->h.stacks_at + number * sizeof s, sizeof s);
  for (; n < WEIR_TRACE_FRAMES && s.pcs[n]; n++)
    pcs[n] = s.pcs[n];
  return n;
}

bool weir_trace_module(const struct weir_trace *t, uint64_t address,
                       struct weir_trace_module *out) {
  const struct weir_trace_module *best = NULL;
  for (size_t i = 0; i < t->n_modules; i++) {
    const struct weir_trace_module *m = &t->modules[i];
    if (m->base <= address && (!best || m->base > best->base)) best = m;
  }
  if (best) *out = *best;
  return best;
}

// --- chunks ----------------------------------------------------------------------------------

static int by_lane(const void *a, const void *b) {
  const struct chunk *x = a, *y = b;
  if (x->lane != y->lane) return x->lane < y->lane ? -1 : 1;
  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static uint64_t place_of(const struct weir_trace *t, uint32_t slot) {
  return t->h.chunks_at + (uint64_t)slot * t->h.chunk_size;
}

static void find_chunks(struct weir_trace *t, uint64_t size) {
  uint64_t n = (size - t->h.chunks_at + t->h.chunk_size - 1) / t->h.chunk_size;
  if (n > UINT32_MAX) n = UINT32_MAX;
  size_t room = 0;
  for (uint32_t slot = 0; slot < n; slot++) {
    struct weir_trace_chunk c;
    if (!read_all(t->fd, &c, sizeof c, place_of(t, slot))) break;
    if (!c.seq) continue;
    if (c.lane >= LANES) {
      t->damaged++;
      continue;
    }
    if (t->n_chunks == room) {
      room = room ? 2 * room : 256;
      t->chunks = weir_xrealloc(t->chunks, room * sizeof *t->chunks);
    }
    t->chunks[t->n_chunks++] = (struct chunk){c.seq, c.lane, slot};
    if (c.seq > t->highest) t->highest = c.seq;
  }
  if (t->n_chunks) qsort(t->chunks, t->n_chunks, sizeof *t->chunks, by_lane);
  for (size_t i = 0; i < t->n_chunks; i++) {
    struct lane *l = &t->lanes[t->chunks[i].lane];
    if (l->end == 0) l->first = i;
    l->end = i + 1;
  }
}

// Reads the lane's next chunk that has events. False: there is none.
static bool load_chunk(struct weir_trace *t, struct lane *l) {
  char *buf = (char *)l->events;
  if (!buf) buf = weir_xmalloc(WEIR_TRACE_CHUNK_BYTES);
  l->events = (struct weir_trace_event *)buf;
  while (l->at < l->end) {
    uint32_t slot = t->chunks[l->at++].slot;
    struct weir_trace_chunk c;
    size_t have = 0;
    t->chunks_read++;
    for (ssize_t got; have < WEIR_TRACE_CHUNK_BYTES; have += (size_t)got) {
      got = pread(t->fd, buf + have, WEIR_TRACE_CHUNK_BYTES - have,
                  (off_t)(place_of(t, slot) + have));
      if (got <= 0) break;
    }
    if (have < sizeof c) continue;
    memcpy(&c, buf, sizeof c);
    memmove(buf, buf + sizeof c, have -= sizeof c);
    size_t most = have / sizeof(struct weir_trace_event);
    l->next = l->count = 0;
    while (l->count < most && l->events[l->count].who >> TAG_BITS == c.tag)
      l->count++;
    if (l->count) return true;
  }
  return false;
}

// --- time ------------------------------------------------------------------------------------

static void set_rate(struct weir_trace *t) {
  const struct weir_trace_clock *c = t->h.clock, *last = c[1].turn > c[2].turn ? &c[1] : &c[2];
  t->ns_per_tick = 1;
  if (!last->turn || last->ticks <= c->ticks || last->ns <= c->ns) return;
  double rate = ((double)last->ns - (double)c->ns) / (double)(last->ticks - c->ticks);
  if (rate > 1e-3 && rate < 1e3) t->ns_per_tick = rate;
}

static int64_t time_of(const struct weir_trace *t, const struct lane *l) {
  uint64_t ticks = l->events[l->next].ticks, begin = t->h.clock[0].ticks;
  double ns = ticks > begin ? (double)(ticks - begin) * t->ns_per_tick : 0;
  if (ns > (double)LONGEST_NS) ns = 0;
  int64_t at = (int64_t)ns;
  return at > l->latest ? at : l->latest;
}

// --- merging ---------------------------------------------------------------------------------

static bool earlier(const struct weir_trace *t, unsigned a, unsigned b) {
  const struct lane *x = &t->lanes[a], *y = &t->lanes[b];
  return x->ns != y->ns ? x->ns < y->ns : a < b;
}

static void sift_down(struct weir_trace *t, unsigned i) {
  for (unsigned child; (child = 2 * i + 1) < t->n_heap; i = child) {
    if (child + 1 < t->n_heap && earlier(t, t->heap[child + 1], t->heap[child])) child++;
    if (!earlier(t, t->heap[child], t->heap[i])) return;
    unsigned swap = t->heap[i];
    t->heap[i] = t->heap[child];
    t->heap[child] = swap;
  }
}

static bool ready(struct weir_trace *t, struct lane *l) {
  if (l->next == l->count && !load_chunk(t, l)) return false;
  l->ns = l->latest = time_of(t, l);
  return true;
}

void weir_trace_rewind(struct weir_trace *t) {
  t->n_heap = 0;
  t->chunks_read = 0;
  for (unsigned i = 0; i < LANES; i++) {
    struct lane *l = &t->lanes[i];
    l->at = l->first;
    l->next = l->count = 0;
    l->latest = 0;
    if (i == WEIR_TRACE_LANE_OTHERS) l->count = t->n_rings;
    if ((l->end || l->count) && ready(t, l)) t->heap[t->n_heap++] = i;
  }
  for (unsigned i = t->n_heap; i-- > 0;)
    sift_down(t, i);
}

static void fill(const struct lane *l, struct weir_trace_item *item) {
  const struct weir_trace_event *e = &l->events[l->next];
  item->goid = WEIR_TRACE_WHO(e->who);
  item->op = e->who >> WEIR_TRACE_OP_SHIFT & 0xff;
  item->what = WEIR_TRACE_LOW(e->what);
  item->where = WEIR_TRACE_LOW(e->where);
  item->site = (unsigned)(e->what >> WEIR_TRACE_HIGH_SHIFT);
  item->argument = (unsigned)(e->where >> WEIR_TRACE_HIGH_SHIFT);
  item->text[0] = e->what;
  item->text[1] = e->where;
}

bool weir_trace_next(struct weir_trace *t, struct weir_trace_item *item) {
  if (!t->n_heap) return false;
  unsigned lane = t->heap[0];
  struct lane *l = &t->lanes[lane];
  item->ns = l->ns;
  item->lane = lane;
  fill(l, item);
  l->next++;
  if (!ready(t, l)) t->heap[0] = t->heap[--t->n_heap];
  sift_down(t, 0);
  return true;
}

unsigned weir_trace_percent(const struct weir_trace *t) {
  return t->n_chunks ? (unsigned)(100 * t->chunks_read / t->n_chunks) : 100;
}

// --- open and close ----------------------------------------------------------------------------

static const char *load(struct weir_trace *t, const char *path) {
  struct stat s;
  t->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (t->fd < 0) return strerror(errno);
  if (fstat(t->fd, &s) != 0) return strerror(errno);
  if (!S_ISREG(s.st_mode)) return "is no regular file";
  if (!read_all(t->fd, &t->h, sizeof t->h, 0))
    return s.st_size ? "is no trace of Weir's" : "is empty";
  const char *wrong = check(&t->h, (uint64_t)s.st_size);
  if (wrong) return wrong;
  if (!load_tables(t)) return "is damaged at its beginning";
  if (t->h.ring_size)
    t->lanes[WEIR_TRACE_LANE_OTHERS].events =
        weir_rings_read(t->fd, &t->h, (uint64_t)s.st_size, &t->n_rings);
  else
    find_chunks(t, (uint64_t)s.st_size);
  set_rate(t);
  weir_trace_rewind(t);
  return NULL;
}

struct weir_trace *weir_trace_open(const char *path, const char **why) {
  struct weir_trace *t = weir_xmalloc(sizeof *t);
  memset(t, 0, sizeof *t);
  t->fd = -1;
  *why = load(t, path);
  if (!*why) return t;
  weir_trace_close(t);
  return NULL;
}

bool weir_trace_has_ended(const char *path) {
  struct weir_trace_header h;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool ended = fd >= 0 && read_all(fd, &h, sizeof h, 0) && h.ended;
  if (fd >= 0) close(fd);
  return ended;
}

void weir_trace_close(struct weir_trace *t) {
  if (t->fd >= 0) close(t->fd);
  for (unsigned i = 0; i < LANES; i++)
    free(t->lanes[i].events);
  free(t->chunks);
  free(t->modules);
  free(t->sync_texts);
  free(t->wait_texts);
  free(t->tables);
  free(t);
}

// By the newest comparison of the clocks.
static int64_t end_of(const struct weir_trace *t) {
  const struct weir_trace_clock *c = t->h.clock, *last = c[1].turn > c[2].turn ? &c[1] : &c[2];
  int64_t ns;
  if (!last->turn || __builtin_sub_overflow(last->ns, c->ns, &ns) || ns < 0) return 0;
  return ns < LONGEST_NS ? ns : 0;
}

struct weir_trace_facts weir_trace_facts(const struct weir_trace *t) {
  uint64_t lost = t->highest > t->n_chunks + t->damaged ? t->highest - t->n_chunks - t->damaged : 0;
  unsigned each =
      (unsigned)((t->h.ring_size - WEIR_TRACE_RING_HEAD) / sizeof(struct weir_trace_event));
  if (!t->h.ring_size) each = 0;
  return (struct weir_trace_facts){t->h.program, t->h.pid, t->h.ended == 1, t->h.wall_ns,
                                   t->h.dropped, lost,     t->damaged,      t->n_chunks,
                                   each,         end_of(t)};
}
