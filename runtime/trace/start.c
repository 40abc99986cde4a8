// SPDX-License-Identifier: Apache-2.0
//
// Making the recorder's memory: with option trace=FILE a mapped file, with recorder=1 rings in
// memory. Where the file cannot be made there is none, which is said; where the disk is full the
// file stays as large as it has become and is used round.
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

static struct {
  int fd;         // -1: no file
  uint32_t ready; // chunks that may be stored into
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

// The file with its first chunks, mapped; NULL with the reason in *err.
static struct weir_trace_header *map_file(const char *name, size_t tables, uint32_t chunks,
                                          int *err) {
  expand(name);
  int fd = weir_file_create(file.path);
  if (fd < 0) {
    *err = fd;
    return NULL;
  }
  uint32_t first = chunks < GROW_CHUNKS ? chunks : GROW_CHUNKS;
  *err = weir_file_grow(fd, tables + (size_t)first * WEIR_TRACE_CHUNK_BYTES);
  struct weir_trace_header *h =
      *err ? NULL : weir_file_map(fd, tables + (size_t)chunks * WEIR_TRACE_CHUNK_BYTES);
  if (!h) {
    weir_io_close(fd);
    return NULL;
  }
  file.fd = fd;
  file.ready = first;
  return h;
}

static struct weir_trace_header *make_file(size_t tables) {
  if (!weir_flags.trace[0]) return NULL;
  long mb = weir_flags.trace_mb;
  if (mb < 1 || mb > MB_MOST) {
    weir_warn("option trace_mb: %ld is not within 1 and %d; 64 is used", mb, MB_MOST);
    mb = 64;
  }
  int err = 0;
  uint32_t chunks = (uint32_t)((uint64_t)mb * MB / WEIR_TRACE_CHUNK_BYTES);
  struct weir_trace_header *h = map_file(weir_flags.trace, tables, chunks, &err);
  if (h) {
    describe(h, chunks);
  } else {
    weir_warn("option trace: cannot make %s (%s); there is no trace", file.path,
              err ? strerror(-err) : "no address space");
    file.path[0] = 0;
  }
  return h;
}

static size_t pages(size_t n) {
  return (n + WEIR_PAGE - 1) & ~(size_t)(WEIR_PAGE - 1);
}

void weir_trace_start(const char *const *waits, size_t n) {
  if (!weir_flags.recorder && !weir_flags.trace[0]) return;
  struct weir_trace_header layout = {0};
  size_t tables = pages(weir_trace_tables_layout(&layout));
  struct weir_trace_header *h = make_file(tables);
  weir_trace_switches = h != NULL;
  if (weir_flags.recorder)
    weir_trace_rings = weir_mem_map(pages(WEIR_TRACE_RINGS * sizeof *weir_trace_rings));
  if (!h && weir_trace_rings) h = weir_mem_map(tables);
  if (!h) return;
  weir_trace_tables_layout(h);
  h->chunks_at = (uint32_t)tables;
  weir_ticks_init();
  weir_trace_memory = h;
  weir_trace_take_time();
  weir_trace_tables_fill(h, waits, n);
  weir_trace_on = true;
}

const char *weir_trace_path(void) {
  return file.path;
}
