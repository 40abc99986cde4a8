// SPDX-License-Identifier: Apache-2.0
//
// weir_post_mortem_ of a process, and the numbers of its layout by name.
#ifndef WEIR_TARGET_LAYOUT_H
#define WEIR_TARGET_LAYOUT_H

#include <weir/post_mortem.h>

#include "target/target.h"

enum weir_layout_name {
#define WEIR_LAYOUT(name, type, member) WEIR_L_##name,
#define WEIR_LAYOUT_VALUE(name, value) WEIR_L_##name,
#include <weir/layout.def>
  WEIR_L_COUNT
};

struct weir_layout {
  struct weir_target *t;
  struct weir_post_mortem_ root; // addresses of the process
  struct weir_goroutine_table_ table;
  uint32_t number[WEIR_L_COUNT];
  const char **ops, **kinds;
};

// False after a message.
bool weir_layout_read(struct weir_target *t, const char *verb, struct weir_arena *a,
                      struct weir_layout *out);

// A member of the struct at address; 0 where there is nothing.
uint64_t weir_layout_word(const struct weir_layout *l, uint64_t at, enum weir_layout_name member);
uint32_t weir_layout_half(const struct weir_layout *l, uint64_t at, enum weir_layout_name member);
uint8_t weir_layout_byte(const struct weir_layout *l, uint64_t at, enum weir_layout_name member);

#endif
