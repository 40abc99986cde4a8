// SPDX-License-Identifier: Apache-2.0
//
// What a core and a live process have in common. Memory that a core does not hold was never written
// and is read from the module's file.
//
// libdw is given one thread at a time, whose registers are those asked for: so a goroutine that
// waits is unwound like a thread.
#include "target/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/user.h>
#include <unistd.h>

#include "target/private.h"

enum { TEXT_MAX = 512, FAKE_TID = 1 };

static char *debug_path;
static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_build_id_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debug_path,
};
static const Dwfl_Callbacks live_callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debug_path,
};

struct weir_target *weir_target_new(const char *verb) {
  struct weir_target *t = weir_xmalloc(sizeof *t);
  *t = (struct weir_target){.verb = verb, .fd = -1};
  unsetenv("DEBUGINFOD_URLS"); // nobody waits for a network
  return t;
}

struct weir_target *weir_target_fail(struct weir_target *t, const char *what, const char *why) {
  struct weir_buf b = {0};
  weir_buf_printf(&b, "weir %s: ", t->verb);
  weir_buf_add_safe(&b, what, strlen(what));
  weir_buf_printf(&b, ": %s\n", why);
  fputs(b.data, stderr);
  weir_buf_free(&b);
  weir_target_close(t);
  return NULL;
}

void weir_target_close(struct weir_target *t) {
  if (!t) return;
  weir_target_resume(t);
  if (t->dwfl) dwfl_end(t->dwfl);
  if (t->core) elf_end(t->core);
  if (t->fd >= 0) close(t->fd);
  free(t->program);
  free(t->segments);
  free(t->threads);
  free(t->deliver);
  free(t->modules);
  free(t->pages);
  weir_arena_free(&t->arena);
  free(t);
}

void weir_target_resume(struct weir_target *t) {
  if (t->live) weir_target_detach(t);
}

int weir_target_pid(const struct weir_target *t) {
  return t->pid;
}
int weir_target_signal(const struct weir_target *t, int *tid) {
  *tid = t->signalled;
  return t->signal;
}
const char *weir_target_program(const struct weir_target *t) {
  return t->program;
}

// --- threads -----------------------------------------------------------------------------

void weir_target_add_thread(struct weir_target *t, int tid, const void *user_regs) {
  const struct user_regs_struct *r = user_regs;
  const uint64_t by_dwarf[WEIR_REGS] = {r->rax, r->rdx, r->rcx, r->rbx, r->rsi, r->rdi,
                                        r->rbp, r->rsp, r->r8,  r->r9,  r->r10, r->r11,
                                        r->r12, r->r13, r->r14, r->r15, r->rip};
  t->threads = weir_xrealloc(t->threads, (t->thread_count + 1) * sizeof *t->threads);
  struct weir_target_thread *thread = &t->threads[t->thread_count++];
  thread->tid = tid;
  memcpy(thread->regs.value, by_dwarf, sizeof by_dwarf);
  thread->regs.known = (1u << WEIR_REGS) - 1;
}

const struct weir_target_thread *weir_target_thread(const struct weir_target *t, int tid) {
  for (size_t i = 0; i < t->thread_count; i++)
    if (t->threads[i].tid == tid) return &t->threads[i];
  return NULL;
}

// --- modules -------------------------------------------------------------------------------

static const char *build_id_of(struct weir_target *t, Dwfl_Module *m) {
  const unsigned char *bits;
  GElf_Addr where;
  struct weir_buf b = {0};
  int n = dwfl_module_build_id(m, &bits, &where);
  for (int i = 0; i < n; i++)
    weir_buf_printf(&b, "%02x", bits[i]);
  const char *id = weir_arena_copy(&t->arena, b.data ? b.data : "", b.len);
  weir_buf_free(&b);
  return id;
}

static int add_module(Dwfl_Module *m, void **user, const char *name, Dwarf_Addr start, void *arg) {
  (void)user, (void)start;
  struct weir_target *t = arg;
  Dwarf_Addr low, high, base = 0;
  const char *file = NULL;
  GElf_Addr bias;
  if (dwfl_module_getelf(m, &bias)) base = bias;
  dwfl_module_info(m, NULL, &low, &high, NULL, NULL, &file, NULL);
  if (!file) file = name;
  t->modules = weir_xrealloc(t->modules, (t->module_count + 1) * sizeof *t->modules);
  t->modules[t->module_count++] = (struct weir_target_module){
      weir_arena_copy(&t->arena, file, strlen(file)), build_id_of(t, m), low, high, base};
  return DWARF_CB_OK;
}

size_t weir_target_modules(const struct weir_target *t) {
  return t->module_count;
}
const struct weir_target_module *weir_target_module(const struct weir_target *t, size_t i) {
  return &t->modules[i];
}

int weir_target_module_of(const struct weir_target *t, uint64_t address) {
  for (size_t i = 0; i < t->module_count; i++)
    if (address >= t->modules[i].low && address < t->modules[i].high) return (int)i;
  return -1;
}

struct wanted {
  const char *name;
  uint64_t address;
};

static int find_symbol(Dwfl_Module *m, void **user, const char *name, Dwarf_Addr start, void *arg) {
  (void)user, (void)name, (void)start;
  struct wanted *w = arg;
  int n = dwfl_module_getsymtab(m);
  for (int i = 1; i < n; i++) {
    GElf_Sym sym;
    GElf_Addr address;
    GElf_Word section;
    const char *s = dwfl_module_getsym_info(m, i, &sym, &address, &section, NULL, NULL);
    if (!s || section == SHN_UNDEF || strcmp(s, w->name)) continue;
    w->address = address;
    return DWARF_CB_ABORT;
  }
  return DWARF_CB_OK;
}

uint64_t weir_target_symbol(struct weir_target *t, const char *name) {
  struct wanted w = {.name = name};
  dwfl_getmodules(t->dwfl, find_symbol, &w, 0);
  return w.address;
}

// --- memory ----------------------------------------------------------------------------------

static const struct weir_segment *segment_of(const struct weir_target *t, uint64_t address) {
  for (size_t i = 0; i < t->segment_count; i++)
    if (address - t->segments[i].address < t->segments[i].size) return &t->segments[i];
  return NULL;
}

// From the file of the module; at most up to the end of its part. How many bytes.
static size_t read_file(struct weir_target *t, uint64_t address, char *to, size_t n) {
  Dwfl_Module *m = dwfl_addrmodule(t->dwfl, address);
  GElf_Addr bias;
  Elf *elf = m ? dwfl_module_getelf(m, &bias) : NULL;
  size_t count;
  if (!elf || elf_getphdrnum(elf, &count)) return 0;
  for (size_t i = 0; i < count; i++) {
    GElf_Phdr p;
    if (!gelf_getphdr(elf, (int)i, &p) || p.p_type != PT_LOAD) continue;
    uint64_t at = address - bias - p.p_vaddr;
    if (at >= p.p_filesz) continue;
    if (n > p.p_filesz - at) n = p.p_filesz - at;
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)(p.p_offset + at), n, ELF_T_BYTE);
    if (!data) return 0;
    memcpy(to, data->d_buf, n);
    return n;
  }
  return 0;
}

static size_t read_core(struct weir_target *t, uint64_t address, char *to, size_t n) {
  const struct weir_segment *s = segment_of(t, address);
  if (!s) return read_file(t, address, to, n);
  uint64_t at = address - s->address;
  if (n > s->size - at) n = s->size - at;
  ssize_t got = pread(t->fd, to, n, s->offset + (int64_t)at);
  return got > 0 ? (size_t)got : 0;
}

static size_t read_afresh(struct weir_target *t, uint64_t address, char *to, size_t n) {
  if (t->core) return read_core(t, address, to, n);
  ssize_t got = t->live ? pread(t->fd, to, n, (off_t)address) : -1;
  return got > 0 ? (size_t)got : 0;
}

// What lies on one page is asked for again and again.
static size_t read_some(struct weir_target *t, uint64_t address, char *to, size_t n) {
  uint64_t start = address / WEIR_PAGE_SIZE * WEIR_PAGE_SIZE, at = address - start;
  if (!t->pages) t->pages = calloc(WEIR_PAGES_KEPT, sizeof *t->pages);
  if (!t->pages || !start) return read_afresh(t, address, to, n);
  struct weir_page *p = &t->pages[start / WEIR_PAGE_SIZE % WEIR_PAGES_KEPT];
  if (p->address != start) {
    p->address = 0;
    if (read_afresh(t, start, p->data, sizeof p->data) != sizeof p->data)
      return read_afresh(t, address, to, n); // a part of it is there, or none
    p->address = start;
  }
  if (n > WEIR_PAGE_SIZE - at) n = WEIR_PAGE_SIZE - at;
  memcpy(to, p->data + at, n);
  return n;
}

bool weir_target_read(struct weir_target *t, uint64_t address, void *to, size_t n) {
  for (size_t done = 0, part; done < n; done += part) {
    part = read_some(t, address + done, (char *)to + done, n - done);
    if (!part) return false;
  }
  return true;
}

uint64_t weir_target_word(struct weir_target *t, uint64_t address) {
  uint64_t word = 0;
  return address && weir_target_read(t, address, &word, sizeof word) ? word : 0;
}

const char *weir_target_text(struct weir_target *t, uint64_t address, struct weir_arena *a) {
  char text[TEXT_MAX];
  size_t n = 0;
  while (address && n < sizeof text) {
    size_t part = 64 - (address + n) % 64; // never beyond the page that its end is in
    if (part > sizeof text - n) part = sizeof text - n;
    if (!weir_target_read(t, address + n, text + n, part)) break;
    const char *end = memchr(text + n, 0, part);
    if (end) return weir_arena_copy(a, text, (size_t)(end - text));
    n += part;
  }
  return weir_arena_copy(a, text, n);
}

// --- stacks ------------------------------------------------------------------------------------

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread) {
  (void)dwfl;
  if (*thread) return 0;
  *thread = arg;
  return FAKE_TID;
}

static bool get_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread) {
  (void)dwfl;
  *thread = arg;
  return tid == FAKE_TID;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *word, void *arg) {
  (void)dwfl;
  return weir_target_read(arg, address, word, sizeof *word);
}

static bool set_registers(Dwfl_Thread *thread, void *arg) {
  const struct weir_regs *r = ((struct weir_target *)arg)->unwinding;
  for (int i = 0; i < WEIR_REG_RIP; i++)
    if ((r->known >> i & 1) && !dwfl_thread_state_registers(thread, i, 1, &r->value[i]))
      return false;
  dwfl_thread_state_register_pc(thread, r->value[WEIR_REG_RIP]);
  return true;
}

static const Dwfl_Thread_Callbacks one_thread = {
    .next_thread = next_thread,
    .get_thread = get_thread,
    .memory_read = read_word,
    .set_initial_registers = set_registers,
};

struct walk {
  uint64_t *pcs;
  size_t n, max;
  bool exact;
};

static int add_frame(Dwfl_Frame *frame, void *arg) {
  struct walk *w = arg;
  Dwarf_Addr pc;
  bool activation;
  if (!dwfl_frame_pc(frame, &pc, &activation) || w->n == w->max) return DWARF_CB_ABORT;
  bool exact = w->n ? activation : w->exact;
  w->pcs[w->n++] = pc + exact;
  return DWARF_CB_OK;
}

size_t weir_target_unwind(struct weir_target *t, const struct weir_regs *regs, bool exact,
                          uint64_t *pcs, size_t max) {
  struct walk w = {.pcs = pcs, .max = max, .exact = exact};
  t->unwinding = regs;
  dwfl_getthread_frames(t->dwfl, FAKE_TID, add_frame, &w);
  return w.n;
}

// --- opening -----------------------------------------------------------------------------------

bool weir_target_ready(struct weir_target *t) {
  dwfl_report_end(t->dwfl, NULL, NULL);
  dwfl_getmodules(t->dwfl, add_module, t, 0);
  if (t->module_count && dwfl_attach_state(t->dwfl, NULL, FAKE_TID, &one_thread, t)) return true;
  weir_target_fail(t, t->program, t->module_count ? dwfl_errmsg(-1) : "no modules found in it");
  return false;
}

Dwfl *weir_target_dwfl(bool live) {
  Dwfl *dwfl = dwfl_begin(live ? &live_callbacks : &callbacks);
  if (dwfl) dwfl_report_begin(dwfl);
  return dwfl;
}
