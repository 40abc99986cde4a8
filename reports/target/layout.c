// SPDX-License-Identifier: Apache-2.0
#include "target/layout.h"

#include <stdio.h>
#include <string.h>

enum { TEXTS_MAX = 256 };

static const char **texts(struct weir_target *t, uint64_t table, size_t n, struct weir_arena *a) {
  const char **all = WEIR_ARENA_ARRAY(a, const char *, n + 1);
  for (size_t i = 0; i < n; i++)
    all[i] = weir_target_text(t, weir_target_word(t, table + 8 * i), a);
  return all;
}

static bool refuse(const char *verb, const struct weir_target *t, const char *why) {
  struct weir_buf b = {0};
  const char *program = weir_target_program(t);
  weir_buf_printf(&b, "weir %s: ", verb);
  weir_buf_add_safe(&b, program, strlen(program));
  weir_buf_printf(&b, " %s\n", why);
  fputs(b.data, stderr);
  weir_buf_free(&b);
  return false;
}

bool weir_layout_read(struct weir_target *t, const char *verb, struct weir_arena *a,
                      struct weir_layout *out) {
  uint64_t at = weir_target_symbol(t, "weir_post_mortem_");
  *out = (struct weir_layout){.t = t};
  if (!at)
    return refuse(verb, t,
                  "has no Weir runtime in it: it was not built with `weir cc`, or the core "
                  "is another program's");
  if (!weir_target_read(t, at, &out->root, sizeof out->root) ||
      (uint32_t)out->root.magic != (uint32_t)WEIR_POST_MORTEM_MAGIC)
    return refuse(verb, t,
                  "is not the program that this core is of: what it says of its runtime "
                  "is not there");
  if (out->root.magic != WEIR_POST_MORTEM_MAGIC || out->root.layout_count != WEIR_L_COUNT ||
      out->root.op_count > TEXTS_MAX || out->root.kind_count > TEXTS_MAX)
    return refuse(verb, t, "has a Weir runtime of another version; use the weir it was built with");
  if (!weir_target_read(t, (uintptr_t)out->root.layout, out->number, sizeof out->number) ||
      !weir_target_read(t, (uintptr_t)out->root.goroutines, &out->table, sizeof out->table))
    return refuse(verb, t, "has a Weir runtime whose tables cannot be read");
  out->ops = texts(t, (uintptr_t)out->root.ops, out->root.op_count, a);
  out->kinds = texts(t, (uintptr_t)out->root.kinds, out->root.kind_count, a);
  return true;
}

static uint64_t read_member(const struct weir_layout *l, uint64_t at, enum weir_layout_name member,
                            size_t size) {
  uint64_t value = 0;
  if (!at || !weir_target_read(l->t, at + l->number[member], &value, size)) return 0;
  return value;
}

uint64_t weir_layout_word(const struct weir_layout *l, uint64_t at, enum weir_layout_name member) {
  return read_member(l, at, member, 8);
}
uint32_t weir_layout_half(const struct weir_layout *l, uint64_t at, enum weir_layout_name member) {
  return (uint32_t)read_member(l, at, member, 4);
}
uint8_t weir_layout_byte(const struct weir_layout *l, uint64_t at, enum weir_layout_name member) {
  return (uint8_t)read_member(l, at, member, 1);
}
