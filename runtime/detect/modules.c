// SPDX-License-Identifier: Apache-2.0
//
// modules.h, by dl_iterate_phdr. A program with more than MODULES_MAX loaded files gets bare
// addresses for the rest. Paths belong to the dynamic linker and stay while the file is
// loaded; only the program's own has to be looked up.
#define _GNU_SOURCE
#include "detect/modules.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

#include "base/trace.h"
#include "os/io.h"

enum { MODULES_MAX = 1024, PATH_SIZE = 4096, TRACE_TEXT = 64 << 10 };

static struct weir_module modules[MODULES_MAX];
static struct weir_module *used[MODULES_MAX];
static size_t count, used_count;
static char exe[PATH_SIZE];

static size_t align4(size_t n) {
  return (n + 3) & ~(size_t)3;
}

static void read_build_id(struct weir_module *m, const char *note, size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) head;
    memcpy(&head, note, sizeof head);
    size_t name = align4(head.n_namesz), all = sizeof head + name + align4(head.n_descsz);
    if (all > size) return;
    if (head.n_type == NT_GNU_BUILD_ID && head.n_namesz == 4 &&
        memcmp(note + sizeof head, "GNU", 4) == 0) {
      m->build_id_len =
          head.n_descsz < sizeof m->build_id ? head.n_descsz : (unsigned)sizeof m->build_id;
      memcpy(m->build_id, note + sizeof head + name, m->build_id_len);
      return;
    }
    note += all;
    size -= all;
  }
}

static void describe(const struct dl_phdr_info *info, struct weir_module *m) {
  *m = (struct weir_module){.base = info->dlpi_addr, .low = UINTPTR_MAX, .index = -1};
  m->path = info->dlpi_name && info->dlpi_name[0] ? info->dlpi_name : exe;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *p = &info->dlpi_phdr[i];
    uintptr_t low = info->dlpi_addr + p->p_vaddr, high = low + p->p_memsz;
    if (p->p_type == PT_LOAD) {
      if (low < m->low) m->low = low;
      if (high > m->high) m->high = high;
    } else if (p->p_type == PT_NOTE && m->build_id_len == 0) {
      read_build_id(m, (const char *)low, p->p_memsz);
    }
  }
}

static int add(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size, (void)arg;
  if (count == MODULES_MAX) return 1;
  describe(info, &modules[count++]);
  return 0;
}

void weir_modules_snapshot(void) {
  count = used_count = 0;
  if (!exe[0]) weir_io_read_link("/proc/self/exe", exe, sizeof exe);
  dl_iterate_phdr(add, NULL);
}

// --- for the flight recorder ------------------------------------------------------------------

static struct {
  char text[TRACE_TEXT];
  size_t len;
  unsigned long long changes; // of the list of modules, as of the last look
} trace;

static int list_changes(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size;
  *(unsigned long long *)arg = info->dlpi_adds + info->dlpi_subs;
  return 1;
}

static int add_line(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size, (void)arg;
  struct weir_module m;
  describe(info, &m);
  size_t need = strlen(m.path) + 2 * m.build_id_len + 24;
  if (need > sizeof trace.text - trace.len) return 1;
  char *to = trace.text + trace.len;
  to += snprintf(to, need, "%lx ", (unsigned long)m.base);
  for (unsigned i = 0; i < m.build_id_len; i++)
    to += snprintf(to, 3, "%02x", m.build_id[i]);
  to += snprintf(to, strlen(m.path) + 3, "%s %s\n", m.build_id_len ? "" : "-", m.path);
  trace.len = (size_t)(to - trace.text);
  return 0;
}

void weir_modules_trace(void) {
  unsigned long long changes = 0;
  if (!weir_trace_on) return;
  dl_iterate_phdr(list_changes, &changes);
  if (changes == trace.changes) return;
  trace.changes = changes;
  if (!exe[0]) weir_io_read_link("/proc/self/exe", exe, sizeof exe);
  trace.len = 0;
  dl_iterate_phdr(add_line, NULL);
  trace.text[trace.len] = 0;
  weir_trace_modules(trace.text);
}

struct weir_module *weir_modules_find(uintptr_t address) {
  for (size_t i = 0; i < count; i++) {
    struct weir_module *m = &modules[i];
    if (address < m->low || address >= m->high) continue;
    if (m->index < 0) {
      m->index = (int)used_count;
      used[used_count++] = m;
    }
    return m;
  }
  return NULL;
}

size_t weir_modules_used(void) {
  return used_count;
}
const struct weir_module *weir_modules_at(size_t index) {
  return used[index];
}
