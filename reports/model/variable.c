// SPDX-License-Identifier: Apache-2.0
//
// Which global variable, and which part of it, lies at an address. All variables of
// the module with a fixed address, function-static ones included, go into one
// sorted table, made when the first global is asked for. The type then leads from the
// variable to the member and element: "accounts[3].balance". Without debug
// information the symbol table gives the plain name. And which local variable lies at a distance
// from the frame pointer of a function.
#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/module.h"

enum { PATH_STEPS = 16, DIMENSIONS = 8 };

static bool op_address(Dwarf_Attribute *location, Dwarf_Op *op, Dwarf_Addr *address) {
  Dwarf_Attribute direct;
  if (op->atom == DW_OP_addr) {
    *address = op->number;
    return true;
  }
  return op->atom == DW_OP_addrx && !dwarf_getlocation_attr(location, op, &direct) &&
         !dwarf_formaddr(&direct, address);
}

static bool type_of(Dwarf_Die *die, Dwarf_Die *type) {
  Dwarf_Attribute a;
  Dwarf_Die named;
  return dwarf_attr_integrate(die, DW_AT_type, &a) && dwarf_formref_die(&a, &named) &&
         dwarf_peel_type(&named, type) == 0;
}

static uint64_t size_of(Dwarf_Die *type) {
  Dwarf_Word size;
  return dwarf_aggregate_size(type, &size) == 0 ? size : 0;
}

static void add_piece(struct weir_module *m, struct weir_variable_die piece) {
  if (m->variable_count == m->variable_room) {
    m->variable_room = m->variable_room ? 2 * m->variable_room : 64;
    m->variables = weir_xrealloc(m->variables, m->variable_room * sizeof *m->variables);
  }
  m->variables[m->variable_count++] = piece;
}

// A location is one address, or pieces, since the optimizer may split a struct into
// variables of its own.
static void add_variable(struct weir_module *m, Dwarf_Die *die) {
  Dwarf_Attribute location;
  Dwarf_Op *ops;
  Dwarf_Die type;
  Dwarf_Addr address = 0;
  size_t n;
  if (!dwarf_attr_integrate(die, DW_AT_location, &location) ||
      dwarf_getlocation(&location, &ops, &n))
    return;
  uint64_t size = type_of(die, &type) ? size_of(&type) : 0, start = 0;
  bool known = false;
  for (size_t i = 0; i < n; i++) {
    if (ops[i].atom == DW_OP_piece) {
      if (known) add_piece(m, (struct weir_variable_die){address, ops[i].number, start, *die});
      start += ops[i].number;
      known = false;
    } else {
      known = op_address(&location, &ops[i], &address);
    }
  }
  if (known && !start) add_piece(m, (struct weir_variable_die){address, size ? size : 1, 0, *die});
}

static void collect(struct weir_module *m, Dwarf_Die *parent, int depth) {
  Dwarf_Die child;
  if (depth > 32 || dwarf_child(parent, &child)) return;
  do {
    int tag = dwarf_tag(&child);
    if (tag == DW_TAG_variable)
      add_variable(m, &child);
    else if (tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block || tag == DW_TAG_namespace)
      collect(m, &child, depth + 1);
  } while (dwarf_siblingof(&child, &child) == 0);
}

static int by_address(const void *a, const void *b) {
  const struct weir_variable_die *x = a, *y = b;
  return x->address < y->address ? -1 : x->address > y->address;
}

static void make_variables(struct weir_module *m) {
  m->variables_made = true;
  Dwarf_CU *cu = NULL;
  Dwarf_Die unit;
  while (dwarf_get_units(m->dwarf, cu, &cu, NULL, NULL, &unit, NULL) == 0)
    collect(m, &unit, 0);
  if (m->variable_count) qsort(m->variables, m->variable_count, sizeof *m->variables, by_address);
}

static struct weir_variable_die *variable_at(struct weir_module *m, Dwarf_Addr address) {
  if (!m->dwarf) return NULL;
  if (!m->variables_made) make_variables(m);
  size_t low = 0, high = m->variable_count;
  while (low < high) {
    size_t mid = (low + high) / 2;
    if (m->variables[mid].address <= address)
      low = mid + 1;
    else
      high = mid;
  }
  if (!low) return NULL;
  struct weir_variable_die *v = &m->variables[low - 1];
  return address - v->address < v->size ? v : NULL;
}

static uint64_t dimension(Dwarf_Die *range) {
  Dwarf_Attribute a;
  Dwarf_Word n;
  if (dwarf_attr(range, DW_AT_count, &a) && !dwarf_formudata(&a, &n)) return n;
  if (dwarf_attr(range, DW_AT_upper_bound, &a) && !dwarf_formudata(&a, &n)) return n + 1;
  return 0;
}

// Steps into an array: writes its subscripts and leaves the element's type and the
// offset within it. False: no element there.
static bool step_array(struct weir_buf *path, Dwarf_Die *type, uint64_t *offset) {
  Dwarf_Die child, element;
  uint64_t dims[DIMENSIONS], count = 1;
  size_t n = 0;
  if (!type_of(type, &element) || dwarf_child(type, &child)) return false;
  do
    if (dwarf_tag(&child) == DW_TAG_subrange_type && n < DIMENSIONS) dims[n++] = dimension(&child);
  while (dwarf_siblingof(&child, &child) == 0);
  uint64_t size = size_of(&element);
  if (!size || !n) return false;
  uint64_t index = *offset / size;
  for (size_t i = 1; i < n; i++)
    count *= dims[i] ? dims[i] : 1;
  for (size_t i = 0; i < n; i++) {
    weir_buf_printf(path, "[%llu]", (unsigned long long)(index / count));
    index %= count;
    if (i + 1 < n) count /= dims[i + 1] ? dims[i + 1] : 1;
  }
  *offset %= size;
  *type = element;
  return true;
}

// Steps into the member that contains the offset; an anonymous one adds no name.
static bool step_member(struct weir_buf *path, Dwarf_Die *type, uint64_t *offset) {
  Dwarf_Die child, inner;
  if (dwarf_child(type, &child)) return false;
  do {
    Dwarf_Attribute a;
    Dwarf_Word at = 0;
    if (dwarf_tag(&child) != DW_TAG_member || !type_of(&child, &inner)) continue;
    if (dwarf_attr(&child, DW_AT_data_member_location, &a)) dwarf_formudata(&a, &at);
    uint64_t size = size_of(&inner);
    if (*offset < at || *offset - at >= (size ? size : 1)) continue;
    const char *name = dwarf_diename(&child);
    if (name) weir_buf_printf(path, ".%s", name);
    *offset -= at;
    *type = inner;
    return true;
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

// Adds members and subscripts to the path; returns the size of the part it then names.
static uint64_t add_path(struct weir_buf *path, Dwarf_Die *variable, uint64_t offset) {
  Dwarf_Die type;
  if (!type_of(variable, &type)) return 0;
  for (int i = 0; i < PATH_STEPS; i++) {
    int tag = dwarf_tag(&type);
    bool stepped = false;
    if (tag == DW_TAG_array_type)
      stepped = step_array(path, &type, &offset);
    else if (tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type)
      stepped = step_member(path, &type, &offset);
    if (!stepped) break;
  }
  return size_of(&type);
}

static bool from_symbol_table(struct weir_module *m, uint64_t offset, struct weir_variable *out) {
  GElf_Sym sym;
  GElf_Off within;
  const char *name = dwfl_module_addrinfo(m->elf, offset, &within, &sym, NULL, NULL, NULL);
  if (!name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT || within >= sym.st_size) return false;
  *out = (struct weir_variable){.size = sym.st_size};
  struct weir_buf b = {0};
  weir_buf_add(&b, name);
  if (within) weir_buf_printf(&b, "+%llu", (unsigned long long)within);
  out->name = b.data;
  return true;
}

// --- local variables --------------------------------------------------------------------
// A frame is known by its frame pointer, so only what is described relative to that is found:
// code without frame pointers, and variables that the optimizer keeps elsewhere, have no name.

enum { CFA_ABOVE = 16 }; // the saved frame pointer and the return address

// DWARF's number of the register that is the frame pointer where the program ran.
static unsigned frame_pointer(struct weir_module *m) {
  GElf_Addr bias;
  GElf_Ehdr header;
  Elf *elf = dwfl_module_getelf(m->elf, &bias);
  return elf && gelf_getehdr(elf, &header) && header.e_machine == EM_AARCH64 ? 29 : 6;
}

struct local { // what is looked for
  Dwarf_Addr pc;
  unsigned fp;      // register
  int64_t at, base; // from the frame pointer; base: where DW_OP_fbreg 0 is
  Dwarf_Die die;
  uint64_t within;
};

static bool one_op(Dwarf_Attribute *location, Dwarf_Addr pc, Dwarf_Op *op) {
  Dwarf_Op *ops;
  size_t n;
  if (dwarf_getlocation_addr(location, pc, &ops, &n, 1) != 1 || n != 1) return false;
  *op = *ops;
  return true;
}

static bool frame_base(Dwarf_Die *function, struct local *l) {
  Dwarf_Attribute a;
  Dwarf_Op op;
  if (!dwarf_attr(function, DW_AT_frame_base, &a) || !one_op(&a, l->pc, &op)) return false;
  l->base = op.atom == DW_OP_call_frame_cfa ? CFA_ABOVE : 0;
  return op.atom == DW_OP_call_frame_cfa || op.atom == DW_OP_reg0 + l->fp;
}

static bool op_covers(const Dwarf_Op *op, uint64_t size, struct local *l) {
  int64_t start = (int64_t)op->number + (op->atom == DW_OP_fbreg ? l->base : 0);
  if (op->atom != DW_OP_fbreg && op->atom != DW_OP_breg0 + l->fp) return false;
  if (l->at < start || (uint64_t)(l->at - start) >= size) return false;
  l->within = (uint64_t)(l->at - start);
  return true;
}

// Anywhere in its scope: once its address is out, an optimizer may say that the variable itself is
// no more, though the memory is.
static bool is_it(Dwarf_Die *variable, struct local *l) {
  Dwarf_Attribute a;
  Dwarf_Die type;
  Dwarf_Op *ops;
  Dwarf_Addr base, start, end;
  size_t n;
  ptrdiff_t next = 0;
  if (!dwarf_attr_integrate(variable, DW_AT_location, &a) || !type_of(variable, &type))
    return false;
  uint64_t size = size_of(&type);
  while ((next = dwarf_getlocations(&a, next, &base, &start, &end, &ops, &n)) > 0)
    if (n == 1 && op_covers(ops, size, l)) {
      l->die = *variable;
      return true;
    }
  return false;
}

// Scopes that the code at pc is not in may use the same bytes for something else.
static bool find_local(Dwarf_Die *scope, struct local *l, int depth) {
  Dwarf_Die child;
  if (depth > 32 || dwarf_child(scope, &child)) return false;
  do {
    int tag = dwarf_tag(&child);
    if (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter) {
      if (is_it(&child, l)) return true;
    } else if (tag == DW_TAG_lexical_block || tag == DW_TAG_inlined_subroutine) {
      if (dwarf_haspc(&child, l->pc) == 1 && find_local(&child, l, depth + 1)) return true;
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

static bool find_function(Dwarf_Die *parent, Dwarf_Addr pc, Dwarf_Die *function, int depth) {
  Dwarf_Die child;
  if (depth > 32 || dwarf_child(parent, &child)) return false;
  do {
    int tag = dwarf_tag(&child);
    if (tag == DW_TAG_subprogram && dwarf_haspc(&child, pc) == 1) {
      *function = child;
      return true;
    }
    if (tag == DW_TAG_namespace && find_function(&child, pc, function, depth + 1)) return true;
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

// dwarf_decl_file takes file 0 for "none", but in DWARF 5 it is the first.
static const char *declared_file(Dwarf_Die *variable) {
  Dwarf_Attribute a;
  Dwarf_Word index;
  Dwarf_Die unit;
  Dwarf_Files *files;
  size_t n;
  if (!dwarf_attr_integrate(variable, DW_AT_decl_file, &a) || dwarf_formudata(&a, &index) ||
      !dwarf_diecu(variable, &unit, NULL, NULL) || dwarf_getsrcfiles(&unit, &files, &n) ||
      index >= n)
    return NULL;
  return dwarf_filesrc(files, index, NULL, NULL);
}

static void describe(Dwarf_Die *variable, uint64_t within, struct weir_variable *out) {
  struct weir_buf path = {0};
  weir_buf_add(&path, dwarf_diename(variable));
  uint64_t size = add_path(&path, variable, within);
  *out = (struct weir_variable){.name = path.data, .size = size, .file = declared_file(variable)};
  dwarf_decl_line(variable, &out->line);
}

bool weir_module_variable(struct weir_module *m, uint64_t offset, struct weir_variable *out) {
  struct weir_variable_die *v = variable_at(m, offset - m->bias);
  const char *name = v ? dwarf_diename(&v->die) : NULL;
  if (!name) return from_symbol_table(m, offset, out);
  describe(&v->die, v->start + (offset - m->bias - v->address), out);
  return true;
}

bool weir_module_local(struct weir_module *m, uint64_t offset, int64_t at,
                       struct weir_variable *out) {
  Dwarf_Die unit, function;
  struct local l = {.pc = offset - 1 - m->bias,
                    .fp = frame_pointer(m),
                    .at = at}; // the call is before the return address
  if (!m->dwarf || !weir_module_unit(m, l.pc, &unit) || !find_function(&unit, l.pc, &function, 0) ||
      !frame_base(&function, &l) || !find_local(&function, &l, 0) || !dwarf_diename(&l.die))
    return false;
  describe(&l.die, l.within, out);
  return true;
}
