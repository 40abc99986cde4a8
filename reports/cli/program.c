// SPDX-License-Identifier: Apache-2.0
//
// program.h: the search along PATH, and a look at the symbol tables with libelf. A
// stripped program still has the dynamic symbols, and `weir cc` exports ours
// and the race runtime's there. Any symbol that begins with weir_ counts, because a
// program may use any part of the library.
#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool runnable(const char *path) {
  struct stat st;
  if (stat(path, &st) != 0) return false;
  if (S_ISDIR(st.st_mode)) {
    errno = EISDIR;
    return false;
  }
  return access(path, X_OK) == 0;
}

// As execvp: a name with a slash is a path, another is sought along PATH. On
// failure errno is what is wrong with the nearest candidate.
static bool search(const char *name, char out[PATH_MAX]) {
  if (strchr(name, '/')) {
    if (snprintf(out, PATH_MAX, "%s", name) < PATH_MAX) return runnable(out);
    errno = ENAMETOOLONG;
    return false;
  }
  const char *path = getenv("PATH");
  int error = ENOENT;
  for (const char *from = path ? path : "/usr/bin:/bin"; from;) {
    const char *colon = strchr(from, ':');
    int length = colon ? (int)(colon - from) : (int)strlen(from);
    if (snprintf(out, PATH_MAX, "%.*s/%s", length ? length : 1, length ? from : ".", name) <
        PATH_MAX) {
      if (runnable(out)) return true;
      if (errno != ENOENT && errno != ENOTDIR) error = errno;
    }
    from = colon ? colon + 1 : NULL;
  }
  errno = error;
  return false;
}

static void look_at_symbols(struct weir_program *p, Elf *elf, Elf_Scn *section,
                            const GElf_Shdr *header) {
  Elf_Data *data = elf_getdata(section, NULL);
  size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
  for (size_t i = 0; data && i < count; i++) {
    GElf_Sym symbol;
    if (!gelf_getsym(data, (int)i, &symbol)) continue;
    const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
    if (!name) continue;
    if (strncmp(name, "weir_", 5) == 0) p->weir = true;
    if (strcmp(name, "__tsan_init") == 0) p->instrumented = true;
  }
}

static void look_into(struct weir_program *p) {
  int fd = open(p->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || elf_version(EV_CURRENT) == EV_NONE) {
    if (fd >= 0) close(fd);
    return;
  }
  Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
  if (elf && elf_kind(elf) == ELF_K_ELF) {
    p->elf = true;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) &&
          (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
        look_at_symbols(p, elf, section, &header);
    }
  }
  elf_end(elf);
  close(fd);
}

bool weir_program_find(struct weir_program *p, const char *verb, const char *name) {
  memset(p, 0, sizeof *p);
  if (!search(name, p->path)) {
    const char *why = errno == ENOENT   ? "there is no such program"
                      : errno == EACCES ? "it is not executable"
                      : errno == EISDIR ? "it is a folder"
                                        : strerror(errno);
    fprintf(stderr, "weir %s: cannot run '%s': %s\n", verb, name, why);
    return false;
  }
  look_into(p);
  return true;
}
