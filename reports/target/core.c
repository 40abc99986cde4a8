// SPDX-License-Identifier: Apache-2.0
//
// A core file: its segments are the memory, its notes the threads' registers.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target/private.h"

static void read_notes(struct weir_target *t, const GElf_Phdr *p) {
  Elf_Data *data = elf_getdata_rawchunk(t->core, (int64_t)p->p_offset, p->p_filesz, ELF_T_NHDR);
  GElf_Nhdr note;
  size_t name, content;
  for (size_t at = 0; data && (at = gelf_getnote(data, at, &note, &name, &content)) > 0;) {
    struct elf_prstatus status;
    if (note.n_type != NT_PRSTATUS || note.n_descsz < sizeof status ||
        strncmp((const char *)data->d_buf + name, "CORE", 4))
      continue;
    memcpy(&status, (const char *)data->d_buf + content, sizeof status);
    if (!t->thread_count) { // the thread that crashed comes first
      t->signal = status.pr_cursig;
      t->signalled = status.pr_pid;
    }
    if (!t->pid) t->pid = status.pr_pid;
    weir_target_add_thread(t, status.pr_pid, &status.pr_reg);
  }
}

static void add_segment(struct weir_target *t, const GElf_Phdr *p) {
  if (!p->p_filesz) return;
  t->segments = weir_xrealloc(t->segments, (t->segment_count + 1) * sizeof *t->segments);
  t->segments[t->segment_count++] =
      (struct weir_segment){p->p_vaddr, p->p_filesz, (int64_t)p->p_offset};
}

// NULL, or what is wrong.
static const char *read_segments(struct weir_target *t, uint64_t file_size) {
  GElf_Ehdr header;
  size_t count;
  if (elf_kind(t->core) != ELF_K_ELF || !gelf_getehdr(t->core, &header)) return "no ELF file";
  if (header.e_type != ET_CORE) return "a program, but no core";
  if (header.e_machine != EM_X86_64) return "a core of another kind of processor";
  if (elf_getphdrnum(t->core, &count)) return "its program headers cannot be read";
  uint64_t end = 0;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr p;
    if (!gelf_getphdr(t->core, (int)i, &p)) return "it is cut off within its headers";
    if (p.p_offset + p.p_filesz > end) end = p.p_offset + p.p_filesz;
    if (p.p_type == PT_NOTE) read_notes(t, &p);
    if (p.p_type == PT_LOAD) add_segment(t, &p);
  }
  if (end > file_size)
    return weir_arena_printf(&t->arena,
                             "it is cut off: %llu of %llu bytes are there; look at the limit for "
                             "core files (ulimit -c) and the space on disk",
                             (unsigned long long)file_size, (unsigned long long)end);
  return t->thread_count ? NULL : "it holds no threads";
}

// libdw takes the file that the core names where the one given does not fit.
static bool is_its_program(const struct weir_target *t) {
  for (size_t i = 0; i < t->module_count; i++)
    if (!strcmp(t->modules[i].path, t->program)) return true;
  return false;
}

struct weir_target *weir_target_core(const char *verb, const char *program, const char *core) {
  struct weir_target *t = weir_target_new(verb);
  struct stat st;
  t->program = realpath(program, NULL);
  if (!t->program) return weir_target_fail(t, program, strerror(errno));
  t->fd = open(core, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (t->fd < 0 || fstat(t->fd, &st) != 0) return weir_target_fail(t, core, strerror(errno));
  if (!S_ISREG(st.st_mode)) return weir_target_fail(t, core, "no regular file");
  elf_version(EV_CURRENT);
  t->core = elf_begin(t->fd, ELF_C_READ_MMAP, NULL);
  const char *wrong = t->core ? read_segments(t, (uint64_t)st.st_size) : "no ELF file";
  if (wrong) return weir_target_fail(t, core, wrong);
  t->dwfl = weir_target_dwfl(false);
  if (!t->dwfl || dwfl_core_file_report(t->dwfl, t->core, t->program) < 0)
    return weir_target_fail(t, core, dwfl_errmsg(-1));
  if (!weir_target_ready(t)) return NULL;
  if (!is_its_program(t))
    return weir_target_fail(t, core,
                            weir_arena_printf(&t->arena, "is not a core of %s, but of %s", program,
                                              t->modules[0].path));
  return t;
}
