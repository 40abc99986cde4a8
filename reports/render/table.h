// SPDX-License-Identifier: Apache-2.0
//
// Text in columns: a table whose cells may have several lines. Width counts
// characters, not bytes; wide East Asian ones count as one.
#ifndef WEIR_RENDER_TABLE_H
#define WEIR_RENDER_TABLE_H

#include <stddef.h>

#include "model/memory.h"

struct weir_table {
  size_t columns;
  char **cells; // row by row; the first row is the heading
  size_t count, room;
};

void weir_table_row(struct weir_table *t, const char *const *cells); // copies them
void weir_table_print(const struct weir_table *t, const char *indent, struct weir_buf *out);
void weir_table_free(struct weir_table *t);

#endif
