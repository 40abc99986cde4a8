// SPDX-License-Identifier: Apache-2.0
//
// From an address in a module to names, offline, with libdw. Modules are opened
// once and checked by build id; every answer is cached for the life of the
// symbolizer, and all strings it gives out live as long. Never touches the network.
//
// A module that is missing, or is not the one the program ran, is said once on
// standard error; its addresses then have no names.
#ifndef WEIR_MODEL_SYMBOLIZE_H
#define WEIR_MODEL_SYMBOLIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_symbol {
  const char *function; // NULL: unknown
  const char *file;     // NULL: unknown
  int line, column;     // 0: unknown
  int declared_line;    // of the function; 0: unknown
  bool inlined;         // into the next symbol
  bool runtime;         // a function of libweir or of the sanitizer
};

struct weir_symbols { // innermost first
  const struct weir_symbol *at;
  size_t count;
};

struct weir_variable {
  char *name;       // "accounts[3].balance"; malloc'd
  uint64_t size;    // of the part that the name says
  const char *file; // declaration; NULL: unknown
  int line;
};

struct weir_symbolizer;
struct weir_module;

struct weir_symbolizer *weir_symbolizer_new(void);
void weir_symbolizer_free(struct weir_symbolizer *s);

// The module; NULL if it cannot be used. build_id may be "".
struct weir_module *weir_symbolizer_module(struct weir_symbolizer *s, const char *path,
                                           const char *build_id);

// Names of the call that returns to `offset`. No symbol at all: count is 0.
struct weir_symbols weir_module_symbols(struct weir_module *m, uint64_t offset);

// The global variable, and the part of it, at `offset`.
bool weir_module_variable(struct weir_module *m, uint64_t offset, struct weir_variable *out);

// The local variable, and the part of it, `at` bytes from the frame pointer of the function that a
// call returns to at `offset`.
bool weir_module_local(struct weir_module *m, uint64_t offset, int64_t at,
                       struct weir_variable *out);

#endif
