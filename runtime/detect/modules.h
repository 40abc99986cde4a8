// SPDX-License-Identifier: Apache-2.0
//
// From return addresses to module + offset: which loaded file an address belongs to. A
// snapshot, taken per record, in static memory; the caller serializes (the record's lock).
#ifndef WEIR_DETECT_MODULES_H
#define WEIR_DETECT_MODULES_H

#include <stddef.h>
#include <stdint.h>

struct weir_module {
  uintptr_t base; // load bias
  uintptr_t low, high;
  const char *path;
  unsigned char build_id[32];
  unsigned build_id_len;
  int index; // in the record, -1 while unused there
};

void weir_modules_snapshot(void);
// The module that holds the address (its index given on first use), or NULL.
struct weir_module *weir_modules_find(uintptr_t address);
size_t weir_modules_used(void);
const struct weir_module *weir_modules_at(size_t index);

// Keeps the list in the flight recorder's file up to date. In the constructor, then by the monitor.
void weir_modules_trace(void);

#endif
