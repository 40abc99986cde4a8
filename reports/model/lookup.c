// SPDX-License-Identifier: Apache-2.0
//
// One address to its chain of functions: find the unit by its ranges, descend
// through the functions, blocks and inlined calls that contain the address, take
// the innermost line from the line table and each outer one from the call site of
// the function inlined into it. Without debug information the symbol table gives the
// function's name.
//
// A function belongs to the runtime when its name says so (weir_, __tsan_ ...) or
// when its unit lies in the source folder of the unit that defines weir_go_start_,
// since static functions carry no prefix.
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/module.h"

enum { DEPTH_MAX = 64, LINE_TRIES = 16 };

static int by_low(const void *a, const void *b) {
  const struct weir_unit_range *x = a, *y = b;
  return x->low < y->low ? -1 : x->low > y->low;
}

static void add_range(struct weir_module *m, Dwarf_Addr low, Dwarf_Addr high, Dwarf_Die *unit) {
  if (low >= high) return;
  if (m->range_count == m->range_room) {
    m->range_room = m->range_room ? 2 * m->range_room : 64;
    m->ranges = weir_xrealloc(m->ranges, m->range_room * sizeof *m->ranges);
  }
  m->ranges[m->range_count++] = (struct weir_unit_range){low, high, *unit};
}

static void make_ranges(struct weir_module *m) {
  m->ranges_made = true;
  Dwarf_CU *cu = NULL;
  Dwarf_Die unit;
  while (dwarf_get_units(m->dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
    Dwarf_Addr base, low, high;
    ptrdiff_t next = 0;
    while ((next = dwarf_ranges(&unit, next, &base, &low, &high)) > 0)
      add_range(m, low, high, &unit);
  }
  if (m->range_count) qsort(m->ranges, m->range_count, sizeof *m->ranges, by_low);
}

bool weir_module_unit(struct weir_module *m, Dwarf_Addr pc, Dwarf_Die *unit) {
  if (!m->dwarf) return false;
  if (!m->ranges_made) make_ranges(m);
  size_t low = 0, high = m->range_count;
  while (low < high) {
    size_t mid = (low + high) / 2;
    if (m->ranges[mid].low <= pc)
      low = mid + 1;
    else
      high = mid;
  }
  if (!low || pc >= m->ranges[low - 1].high) return false;
  *unit = m->ranges[low - 1].unit;
  return true;
}

static bool is_function(int tag) {
  return tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine;
}

static bool is_scope(int tag) { // has no addresses of its own but may hold functions
  return tag == DW_TAG_namespace || tag == DW_TAG_class_type || tag == DW_TAG_structure_type;
}

// Fills chain with the functions around pc, outermost first; returns how many.
static size_t descend(Dwarf_Die *parent, Dwarf_Addr pc, Dwarf_Die *chain, size_t n) {
  Dwarf_Die child;
  if (n == DEPTH_MAX || dwarf_child(parent, &child)) return n;
  do {
    int tag = dwarf_tag(&child);
    if (is_scope(tag)) {
      size_t deeper = descend(&child, pc, chain, n);
      if (deeper > n) return deeper;
    } else if ((is_function(tag) || tag == DW_TAG_lexical_block) && dwarf_haspc(&child, pc) > 0) {
      if (is_function(tag)) chain[n++] = child;
      return descend(&child, pc, chain, n);
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return n;
}

// Line 0 means "no particular line": the nearest row before it tells more.
static void set_line(Dwarf_Die *unit, Dwarf_Addr pc, struct weir_symbol *s) {
  for (int i = 0; i < LINE_TRIES; i++) {
    Dwarf_Line *line = dwarf_getsrc_die(unit, pc);
    Dwarf_Addr start;
    if (!line || dwarf_lineaddr(line, &start)) return;
    s->file = dwarf_linesrc(line, NULL, NULL);
    dwarf_lineno(line, &s->line);
    dwarf_linecol(line, &s->column);
    if (s->line || !start) return;
    pc = start - 1;
  }
}

static int attribute(Dwarf_Die *die, unsigned name) {
  Dwarf_Attribute a;
  Dwarf_Word value;
  return dwarf_attr(die, name, &a) && !dwarf_formudata(&a, &value) ? (int)value : 0;
}

static void set_call_line(Dwarf_Die *unit, Dwarf_Die *inlined, struct weir_symbol *s) {
  Dwarf_Files *files;
  size_t n;
  int file = attribute(inlined, DW_AT_call_file);
  if (dwarf_getsrcfiles(unit, &files, &n) == 0 && (size_t)file < n)
    s->file = dwarf_filesrc(files, (size_t)file, NULL, NULL);
  s->line = attribute(inlined, DW_AT_call_line);
  s->column = attribute(inlined, DW_AT_call_column);
}

static char *unit_path(Dwarf_Die *unit) {
  const char *name = dwarf_diename(unit), *folder = NULL;
  Dwarf_Attribute a;
  if (dwarf_attr(unit, DW_AT_comp_dir, &a)) folder = dwarf_formstring(&a);
  struct weir_buf b = {0};
  if (folder && name && *name != '/') weir_buf_printf(&b, "%s/", folder);
  weir_buf_add(&b, name ? name : "");
  return b.data;
}

static void find_runtime_root(struct weir_module *m) {
  m->root_known = true;
  int n = dwfl_module_getsymtab(m->elf);
  for (int i = 1; i < n; i++) {
    GElf_Sym sym;
    const char *name = dwfl_module_getsym(m->elf, i, &sym, NULL);
    if (!name || strcmp(name, "weir_go_start_") || !sym.st_shndx) continue;
    Dwarf_Die unit;
    if (!weir_module_unit(m, sym.st_value - m->bias, &unit)) return;
    char *path = unit_path(&unit), *end = NULL;
    for (char *at = path; (at = strstr(at, "/runtime/")); at++)
      end = at;
    if (end) end[strlen("/runtime/")] = 0;
    m->runtime_root = end ? path : NULL;
    if (!end) free(path);
    return;
  }
}

static bool starts_with(const char *s, const char *prefix) {
  return !strncmp(s, prefix, strlen(prefix));
}

static bool is_runtime_name(const char *function) {
  static const char *const prefixes[] = {"weir_",          "__weir_",         "__tsan",
                                         "__interceptor_", "___interceptor_", "__sanitizer_",
                                         "__real_weir_",   "__wrap_weir_"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
    if (starts_with(function, prefixes[i])) return true;
  return false;
}

static bool is_runtime(struct weir_module *m, Dwarf_Die *unit, const char *function) {
  if (function && is_runtime_name(function)) return true;
  if (!unit) return false;
  if (!m->root_known) find_runtime_root(m);
  if (!m->runtime_root) return false;
  char *path = unit_path(unit);
  bool inside = starts_with(path, m->runtime_root);
  free(path);
  return inside;
}

static struct weir_symbols from_symbol_table(struct weir_module *m, Dwarf_Addr pc) {
  struct weir_symbols none = {0};
  GElf_Sym sym;
  GElf_Off within;
  const char *name = dwfl_module_addrinfo(m->elf, pc, &within, &sym, NULL, NULL, NULL);
  // A symbol without a size may be far away: believe it only if it says "function".
  if (!name || (sym.st_size && within >= sym.st_size)) return none;
  if (GELF_ST_TYPE(sym.st_info) != STT_FUNC && !sym.st_size && within > 4096) return none;
  struct weir_symbol *s = weir_xmalloc(sizeof *s);
  *s = (struct weir_symbol){.function = name, .runtime = is_runtime(m, NULL, name)};
  return (struct weir_symbols){s, 1};
}

struct weir_symbols weir_module_lookup(struct weir_module *m, Dwarf_Addr pc) {
  Dwarf_Die unit, chain[DEPTH_MAX];
  if (!weir_module_unit(m, pc - m->bias, &unit)) return from_symbol_table(m, pc);
  size_t n = descend(&unit, pc - m->bias, chain, 0);
  if (!n) return from_symbol_table(m, pc);
  struct weir_symbol *out = weir_xmalloc(n * sizeof *out);
  for (size_t i = 0; i < n; i++) {
    Dwarf_Die *die = &chain[n - 1 - i];
    struct weir_symbol *s = &out[i];
    *s = (struct weir_symbol){.function = dwarf_diename(die), .inlined = i + 1 < n};
    s->runtime = is_runtime(m, &unit, s->function);
    dwarf_decl_line(die, &s->declared_line);
    if (i)
      set_call_line(&unit, &chain[n - i], s);
    else
      set_line(&unit, pc - m->bias, s);
  }
  return (struct weir_symbols){out, n};
}
