// SPDX-License-Identifier: Apache-2.0
//
// What the symbolizer's parts share: one opened module and its tables. The tables
// are made on first use, from the units themselves, since Clang writes no
// .debug_aranges.
#ifndef WEIR_MODEL_MODULE_H
#define WEIR_MODEL_MODULE_H

#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/symbolize.h"

struct weir_unit_range {
  Dwarf_Addr low, high; // [low, high)
  Dwarf_Die unit;
};

struct weir_variable_die { // a variable, or a piece of one
  Dwarf_Addr address;
  uint64_t size;
  uint64_t start; // of the piece in the variable
  Dwarf_Die die;
};

struct weir_cached {
  uint64_t offset;
  struct weir_symbols symbols;
  bool used;
};

struct weir_module {
  struct weir_module *next;
  char *path, *build_id;
  bool usable;
  Dwfl *dwfl;
  Dwfl_Module *elf;
  Dwarf *dwarf; // NULL: no debug information
  Dwarf_Addr bias;

  bool ranges_made;
  struct weir_unit_range *ranges; // sorted by low
  size_t range_count, range_room;

  bool variables_made;
  struct weir_variable_die *variables; // sorted by address
  size_t variable_count, variable_room;

  bool root_known;
  char *runtime_root; // source folder of libweir's own units, or NULL

  struct weir_cached *cache; // open addressing, a power of two
  size_t cache_count, cache_room;
};

bool weir_module_unit(struct weir_module *m, Dwarf_Addr pc, Dwarf_Die *unit);
struct weir_symbols weir_module_lookup(struct weir_module *m, Dwarf_Addr pc); // uncached

#endif
