// SPDX-License-Identifier: Apache-2.0
//
// A summary for a page that shows Markdown, such as the summary of a CI job: a table of the
// findings, then each report folded up. Pages have limits (GitHub's is 1 MiB), so after DETAILS
// bytes of reports the rest stands in the table alone, which is said.
#include <string.h>

#include "render/project.h"
#include "render/render.h"
#include "render/view.h"
#include "render/xml.h"

enum { DETAILS = 600 << 10, ROWS = 1000 };

// In a cell nothing is markup, and a bar would end it.
static void add_cell(struct weir_buf *out, const char *s) {
  for (; *s; s++) {
    if (strchr("\\`*_[]|~#", *s)) weir_buf_add(out, "\\");
    char one[2] = {*s, 0};
    weir_xml_text(out, one);
  }
}

static void add_row(const struct weir_finding *f, struct weir_buf *out) {
  struct weir_view *v = weir_view_new(f);
  weir_buf_add(out, "| ");
  add_cell(out, weir_view_title(v));
  weir_buf_printf(out, " | %s | ", f->certainty);
  add_cell(out, weir_view_place(v));
  weir_buf_printf(out, " | %s%llu | ", f->access_count && f->seen > 1 ? "≥ " : "",
                  (unsigned long long)f->seen);
  add_cell(out, weir_view_answer(v));
  weir_buf_add(out, " |\n");
  weir_view_free(v);
}

// A fence longer than every run of backticks in the text.
static size_t fence_of(const char *s) {
  size_t longest = 2;
  for (; *s; s++) {
    size_t n = strspn(s, "`");
    if (n > longest) longest = n;
    if (n) s += n - 1;
  }
  return longest + 1;
}

static void add_details(const struct weir_finding *f, struct weir_buf *out) {
  struct weir_view *v = weir_view_new(f);
  struct weir_buf report = {0};
  weir_render_text(f, false, &report);
  size_t fence = fence_of(report.data);
  weir_buf_add(out, "\n<details><summary>");
  weir_xml_text(out, weir_view_summary(v));
  weir_buf_add(out, "</summary>\n\n");
  weir_buf_fill(out, '`', fence);
  weir_buf_printf(out, "text\n%s", report.data);
  weir_buf_fill(out, '`', fence);
  weir_buf_add(out, "\n\n</details>\n");
  weir_buf_free(&report);
  weir_view_free(v);
}

void weir_render_markdown(const struct weir_collection *all, struct weir_buf *out) {
  size_t n = 0, rows = 0, start;
  for (size_t i = 0; i < all->count; i++)
    n += !weir_finding_is_dump(all->at[i]);
  if (!n) {
    weir_buf_add(out, "### Weir: no findings\n");
    return;
  }
  weir_buf_printf(out, "### Weir: %zu finding%s\n\n", n, n == 1 ? "" : "s");
  weir_buf_add(out, "| what | certainty | where | seen | |\n| --- | --- | --- | ---: | --- |\n");
  for (size_t i = 0; i < all->count && rows < ROWS; i++)
    if (!weir_finding_is_dump(all->at[i])) add_row(all->at[i], out), rows++;
  start = out->len;
  for (size_t i = 0; i < all->count && out->len - start < DETAILS; i++)
    if (!weir_finding_is_dump(all->at[i])) add_details(all->at[i], out), n--;
  if (n) weir_buf_printf(out, "\n%zu more are not shown in full.\n", n);
}
