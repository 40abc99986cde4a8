// SPDX-License-Identifier: Apache-2.0
//
// Each column is as wide as its longest line; the last is not padded, so no line
// ends in spaces. A row is as high as its highest cell.
#include "render/table.h"

#include <stdlib.h>
#include <string.h>

static size_t width_of(const char *s, size_t n) {
  size_t width = 0;
  for (size_t i = 0; i < n; i++)
    width += ((unsigned char)s[i] & 0xc0) != 0x80;
  return width;
}

// Line number `line` of the cell; *n is its length. NULL: it has fewer.
static const char *cell_line(const char *cell, size_t line, size_t *n) {
  while (line--) {
    cell = strchr(cell, '\n');
    if (!cell) return NULL;
    cell++;
  }
  *n = strcspn(cell, "\n");
  return cell;
}

void weir_table_row(struct weir_table *t, const char *const *cells) {
  if (t->count + t->columns > t->room) {
    t->room = 2 * (t->count + t->columns);
    t->cells = weir_xrealloc(t->cells, t->room * sizeof *t->cells);
  }
  for (size_t i = 0; i < t->columns; i++)
    t->cells[t->count++] = weir_xstrdup(cells[i]);
}

void weir_table_free(struct weir_table *t) {
  for (size_t i = 0; i < t->count; i++)
    free(t->cells[i]);
  free(t->cells);
}

static size_t column_width(const struct weir_table *t, size_t column) {
  size_t width = 0, n;
  for (size_t i = column; i < t->count; i += t->columns)
    for (size_t line = 0; cell_line(t->cells[i], line, &n); line++) {
      size_t w = width_of(cell_line(t->cells[i], line, &n), n);
      if (w > width) width = w;
    }
  return width;
}

static bool print_line(const struct weir_table *t, size_t row, size_t line, const size_t *widths,
                       const char *indent, struct weir_buf *out) {
  bool any = false;
  struct weir_buf b = {0};
  weir_buf_add(&b, indent);
  for (size_t c = 0; c < t->columns; c++) {
    size_t n = 0;
    const char *s = cell_line(t->cells[row * t->columns + c], line, &n);
    if (s) any = true;
    weir_buf_addn(&b, s ? s : "", n);
    weir_buf_fill(&b, ' ', widths[c] + 2 - width_of(s ? s : "", n));
  }
  while (b.len && b.data[b.len - 1] == ' ')
    b.len--;
  if (any) weir_buf_addn(out, b.data, b.len);
  if (any) weir_buf_add(out, "\n");
  weir_buf_free(&b);
  return any;
}

void weir_table_print(const struct weir_table *t, const char *indent, struct weir_buf *out) {
  size_t *widths = weir_xmalloc(t->columns * sizeof *widths), rows = t->count / t->columns;
  for (size_t c = 0; c < t->columns; c++)
    widths[c] = column_width(t, c);
  for (size_t row = 0; row < rows; row++) {
    for (size_t line = 0; print_line(t, row, line, widths, indent, out);)
      line++;
    if (row) continue;
    weir_buf_add(out, indent);
    for (size_t c = 0; c < t->columns; c++) {
      weir_buf_fill(out, '-', widths[c]);
      weir_buf_add(out, c + 1 < t->columns ? "  " : "\n");
    }
  }
  free(widths);
}
