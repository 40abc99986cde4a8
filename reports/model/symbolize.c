// SPDX-License-Identifier: Apache-2.0
//
// Modules and the cache. libdwfl opens the file and finds separate debug
// information by build id under /usr/lib/debug; it is given load address 0, so that
// its addresses are the ELF file's own, which is what records carry. Where the file
// itself is gone, the debug file of that build id alone will do.
//
// DEBUGINFOD_URLS is dropped from the environment: a report must not wait for, or
// talk to, the network.
#include "model/symbolize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/module.h"

struct weir_symbolizer {
  struct weir_module *modules;
};

static char *debug_path; // NULL: libdwfl's default, ":.debug:/usr/lib/debug"

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .section_address = dwfl_offline_section_address,
    .debuginfo_path = &debug_path,
};

struct weir_symbolizer *weir_symbolizer_new(void) {
  unsetenv("DEBUGINFOD_URLS");
  struct weir_symbolizer *s = weir_xmalloc(sizeof *s);
  s->modules = NULL;
  return s;
}

static void free_module(struct weir_module *m) {
  if (m->dwfl) dwfl_end(m->dwfl);
  for (size_t i = 0; i < m->cache_room; i++)
    if (m->cache[i].used) free((void *)m->cache[i].symbols.at);
  free(m->cache);
  free(m->ranges);
  free(m->variables);
  free(m->runtime_root);
  free(m->path);
  free(m->build_id);
  free(m);
}

void weir_symbolizer_free(struct weir_symbolizer *s) {
  while (s && s->modules) {
    struct weir_module *next = s->modules->next;
    free_module(s->modules);
    s->modules = next;
  }
  free(s);
}

static void close_file(struct weir_module *m) {
  if (m->dwfl) dwfl_end(m->dwfl);
  m->dwfl = NULL;
  m->elf = NULL;
}

// A record can name anything: opening a pipe would wait for ever.
static bool is_regular(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool open_file(struct weir_module *m, const char *path) {
  if (!is_regular(path)) return false;
  m->dwfl = dwfl_begin(&callbacks);
  if (!m->dwfl) return false;
  dwfl_report_begin(m->dwfl);
  m->elf = dwfl_report_elf(m->dwfl, m->path, path, -1, 0, true);
  dwfl_report_end(m->dwfl, NULL, NULL);
  if (m->elf) return true;
  close_file(m);
  return false;
}

static bool has_build_id(struct weir_module *m, const char *wanted) {
  const unsigned char *bits;
  GElf_Addr where;
  int n = dwfl_module_build_id(m->elf, &bits, &where);
  if (n <= 0 || strlen(wanted) != (size_t)n * 2) return false;
  for (int i = 0; i < n; i++) {
    char two[3];
    snprintf(two, sizeof two, "%02x", bits[i]);
    if (strncasecmp(two, wanted + 2 * i, 2)) return false;
  }
  return true;
}

static bool open_by_build_id(struct weir_module *m) {
  if (strlen(m->build_id) < 4 || m->build_id[strspn(m->build_id, "0123456789abcdefABCDEF")])
    return false;
  struct weir_buf path = {0};
  weir_buf_printf(&path, "/usr/lib/debug/.build-id/%.2s/%s.debug", m->build_id, m->build_id + 2);
  bool ok = !access(path.data, R_OK) && open_file(m, path.data) && has_build_id(m, m->build_id);
  if (!ok) close_file(m);
  weir_buf_free(&path);
  return ok;
}

static void say(const struct weir_module *m, const char *what) {
  struct weir_buf b = {0};
  weir_buf_add(&b, "weir: ");
  weir_buf_add_safe(&b, m->path, strlen(m->path));
  weir_buf_printf(&b, " %s; its frames are shown as module+offset\n", what);
  fputs(b.data, stderr);
  weir_buf_free(&b);
}

static bool is_virtual(const char *path) { // the vdso has no file
  return !*path || *path == '[' || !strncmp(path, "linux-vdso", 10);
}

static bool open_module(struct weir_module *m) {
  bool there = !is_virtual(m->path) && open_file(m, m->path);
  if (there && (!*m->build_id || has_build_id(m, m->build_id))) return true;
  close_file(m);
  if (open_by_build_id(m)) return true;
  if (!is_virtual(m->path))
    say(m, there ? "is not the file the program ran (build ids differ)"
                 : "is not here or cannot be read");
  return false;
}

struct weir_module *weir_symbolizer_module(struct weir_symbolizer *s, const char *path,
                                           const char *build_id) {
  struct weir_module *m;
  for (m = s->modules; m; m = m->next)
    if (!strcmp(m->path, path) && !strcmp(m->build_id, build_id)) return m->usable ? m : NULL;
  m = weir_xmalloc(sizeof *m);
  *m = (struct weir_module){
      .next = s->modules, .path = weir_xstrdup(path), .build_id = weir_xstrdup(build_id)};
  s->modules = m;
  m->usable = open_module(m);
  if (!m->usable) return NULL;
  m->dwarf = dwfl_module_getdwarf(m->elf, &m->bias);
  return m;
}

static size_t slot_of(const struct weir_module *m, uint64_t offset) {
  size_t i = (offset * UINT64_C(0x9e3779b97f4a7c15)) >> 20 & (m->cache_room - 1);
  while (m->cache[i].used && m->cache[i].offset != offset)
    i = (i + 1) & (m->cache_room - 1);
  return i;
}

static void grow_cache(struct weir_module *m) {
  struct weir_cached *old = m->cache;
  size_t room = m->cache_room;
  m->cache_room = room ? room * 2 : 256;
  m->cache = weir_xmalloc(m->cache_room * sizeof *m->cache);
  memset(m->cache, 0, m->cache_room * sizeof *m->cache);
  for (size_t i = 0; i < room; i++)
    if (old[i].used) m->cache[slot_of(m, old[i].offset)] = old[i];
  free(old);
}

struct weir_symbols weir_module_symbols(struct weir_module *m, uint64_t offset) {
  if (2 * m->cache_count >= m->cache_room) grow_cache(m);
  struct weir_cached *c = &m->cache[slot_of(m, offset)];
  if (!c->used) {
    // The call is the instruction before the return address.
    *c = (struct weir_cached){offset, weir_module_lookup(m, offset ? offset - 1 : 0), true};
    m->cache_count++;
  }
  return c->symbols;
}
