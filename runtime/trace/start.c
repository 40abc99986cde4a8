// SPDX-License-Identifier: Apache-2.0
//
// Making the recorder's memory: with option trace=FILE a mapped file, with recorder=1 rings in
// memory, which with recorder_file=FILE is a mapped file, too: what was stored there is left when
// the program is killed. Where a file cannot be made there is none, which is said; where the disk
// is full the file stays as large as it has become and is used round.
//
// The file is made anew, so two programs that are told the same name do not write into each
// other's: the later one has the name. Nothing here runs after the constructor but growing, which
// the recorder's lock serializes.
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/flags.h"
#include "os/copy.h"
#include "os/file.h"
#include "os/io.h"
#include "os/memory.h"
#include "os/ticks.h"
#include "trace/trace.h"

enum { GROW_CHUNKS = 16, MB = 1 << 20, MB_MOST = 65536 };
enum { GROW_RINGS = MB / sizeof(struct weir_trace_ring) };

static struct {
  int fd;                  // -1: no file
  uint32_t ready;          // chunks that may be stored into
  bool has_rings, is_full; // of rings: there can be no more
  uint64_t turns;
  char path[4096];
} file = {.fd = -1};

void weir_trace_take_time(void) {
  struct weir_trace_header *h = weir_trace_memory;
  uint64_t turn = ++file.turns;
  struct weir_trace_clock *c = &h->clock[turn == 1 ? 0 : 1 + turn % 2];
  __atomic_store_n(&c->turn, 0, __ATOMIC_RELEASE); // a reader takes the other one meanwhile
  c->ns = (int64_t)weir_ticks_of_kernel();
  c->ticks = weir_ticks();
  __atomic_store_n(&c->turn, turn, __ATOMIC_RELEASE);
}

int weir_trace_more_chunks(uint32_t chunks) {
  struct weir_trace_header *h = weir_trace_memory;
  if (chunks <= file.ready) return 0;
  uint32_t want = chunks + GROW_CHUNKS - 1;
  if (want > h->chunks_max) want = h->chunks_max;
  int err = weir_file_grow(file.fd, h->chunks_at + (size_t)want * h->chunk_size);
  if (err)
    weir_warn("option trace: %s can have no more than %u MiB (%s); the newest of it is kept",
              file.path, (unsigned)((uint64_t)file.ready * h->chunk_size / MB), strerror(-err));
  else
    file.ready = want;
  return err;
}

void weir_trace_more_rings(uint32_t rings) {
  uint32_t ready = atomic_load_explicit(&weir_trace_rings_ready, memory_order_relaxed);
  if (rings <= ready || file.is_full) return;
  uint32_t want = (rings + GROW_RINGS - 1) / GROW_RINGS * GROW_RINGS;
  size_t ring = sizeof(struct weir_trace_ring);
  int err = weir_file_grow(file.fd, weir_trace_memory->chunks_at + want * ring);
  if (err) {
    weir_warn("option recorder_file: %s can have no more than %u goroutines (%s); others share",
              file.path, ready, strerror(-err));
    file.is_full = true;
    return;
  }
  // release pairs with the acquire in weir_trace_ring_of: what may be stored into is there
  atomic_store_explicit(&weir_trace_rings_ready, want, memory_order_release);
}

// "%p" in the name is the process id.
static void expand(const char *name) {
  size_t n = 0;
  for (; *name && n + 24 < sizeof file.path; name++) {
    if (name[0] == '%' && name[1] == 'p') {
      n += (size_t)snprintf(file.path + n, sizeof file.path - n, "%d", weir_io_pid());
      name++;
    } else {
      file.path[n++] = *name;
    }
  }
  file.path[n] = 0;
}

static void describe(struct weir_trace_header *h, uint32_t chunks) {
  weir_copy(h->magic, WEIR_TRACE_MAGIC, sizeof h->magic);
  h->version = WEIR_TRACE_VERSION;
  h->byte_order = WEIR_TRACE_BYTE_ORDER;
  h->chunk_size = WEIR_TRACE_CHUNK_BYTES;
  h->event_size = sizeof(struct weir_trace_event);
  h->pid = (uint32_t)weir_io_pid();
  h->chunks_max = chunks;
  h->wall_ns = weir_io_wall_ns();
  weir_io_read_link("/proc/self/exe", h->program, sizeof h->program);
}

// A new file of which `first` bytes may be stored into, with room for `most`, mapped; NULL with the
// reason in *err.
static struct weir_trace_header *map_file(const char *name, size_t first, size_t most, int *err) {
  expand(name);
  int fd = weir_file_create(file.path);
  if (fd < 0) {
    *err = fd;
    return NULL;
  }
  *err = weir_file_grow(fd, first);
  struct weir_trace_header *h = *err ? NULL : weir_file_map(fd, most);
  if (!h) {
    weir_io_close(fd);
    return NULL;
  }
  file.fd = fd;
  return h;
}

static void say_none(const char *option, int err, const char *what) {
  weir_warn("option %s: cannot make %s (%s); there is no %s", option, file.path,
            err ? strerror(-err) : "no address space", what);
  file.path[0] = 0;
}

// The tables, and behind them those of stacks, which only a trace has.
static struct weir_trace_header *make_file(size_t own_tables, size_t tables) {
  if (!weir_flags.trace[0]) return NULL;
  long mb = weir_flags.trace_mb;
  if (mb < 1 || mb > MB_MOST) {
    weir_warn("option trace_mb: %ld is not within 1 and %d; 64 is used", mb, MB_MOST);
    mb = 64;
  }
  int err = 0;
  uint32_t chunks = (uint32_t)((uint64_t)mb * MB / WEIR_TRACE_CHUNK_BYTES);
  file.ready = chunks < GROW_CHUNKS ? chunks : GROW_CHUNKS;
  struct weir_trace_header *h =
      map_file(weir_flags.trace, tables + (size_t)file.ready * WEIR_TRACE_CHUNK_BYTES,
               tables + (size_t)chunks * WEIR_TRACE_CHUNK_BYTES, &err);
  if (!h) {
    say_none("trace", err, "trace");
    return NULL;
  }
  describe(h, chunks);
  h->stacks_at = (uint32_t)own_tables;
  h->stacks_max = (uint32_t)(weir_trace_stacks_size() / sizeof(struct weir_trace_stack));
  return h;
}

// Rings behind the tables of a file of their own, or in plain memory; NULL where there are none.
static struct weir_trace_header *make_rings(size_t tables, bool in_file) {
  size_t ring = sizeof *weir_trace_rings, most = WEIR_TRACE_RINGS * ring;
  struct weir_trace_header *h = NULL;
  int err = 0;
  if (in_file) {
    h = map_file(weir_flags.recorder_file, tables + GROW_RINGS * ring, tables + most, &err);
    if (!h) say_none("recorder_file", err, "file");
  }
  if (h) {
    describe(h, 0);
    h->ring_size = ring;
    file.has_rings = true;
    weir_trace_rings = (struct weir_trace_ring *)((char *)h + tables);
  } else {
    weir_trace_rings = weir_mem_map(most);
  }
  atomic_store_explicit(&weir_trace_rings_ready, h ? GROW_RINGS : WEIR_TRACE_RINGS,
                        memory_order_relaxed);
  return h;
}

static size_t pages(size_t n) {
  return (n + WEIR_PAGE - 1) & ~(size_t)(WEIR_PAGE - 1);
}

void weir_trace_start(const char *const *waits, size_t n) {
  if (!weir_flags.recorder && !weir_flags.trace[0]) return;
  struct weir_trace_header layout = {0};
  size_t tables = pages(weir_trace_tables_layout(&layout));
  size_t with_stacks = pages(tables + weir_trace_stacks_size());
  struct weir_trace_header *h = make_file(tables, with_stacks);
  weir_trace_switches = h != NULL;
  if (weir_flags.recorder) {
    struct weir_trace_header *with = make_rings(tables, !h && weir_flags.recorder_file[0]);
    if (with) h = with;
  }
  if (!h && weir_trace_rings) h = weir_mem_map(tables);
  if (!h) return;
  weir_trace_tables_layout(h);
  h->chunks_at = (uint32_t)(weir_trace_switches ? with_stacks : tables);
  weir_ticks_init();
  weir_trace_memory = h;
  weir_trace_take_time();
  weir_trace_tables_fill(h, waits, n);
  weir_trace_on = true;
}

const char *weir_trace_path(void) {
  return file.has_rings ? "" : file.path;
}
