// SPDX-License-Identifier: Apache-2.0
//
// modules.h, by dl_iterate_phdr. A program with more than MODULES_MAX loaded files gets bare
// addresses for the rest. Paths belong to the dynamic linker and stay while the file is
// loaded; only the program's own has to be looked up.
#define _GNU_SOURCE
#include "detect/modules.h"

#include <link.h>
#include <string.h>

#include "os/io.h"

enum { MODULES_MAX = 1024, PATH_SIZE = 4096 };

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

static int add(struct dl_phdr_info *info, size_t size, void *arg) {
  (void)size, (void)arg;
  if (count == MODULES_MAX) return 1;
  struct weir_module *m = &modules[count];
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
  count++;
  return 0;
}

void weir_modules_snapshot(void) {
  count = used_count = 0;
  if (!exe[0]) weir_io_read_link("/proc/self/exe", exe, sizeof exe);
  dl_iterate_phdr(add, NULL);
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
