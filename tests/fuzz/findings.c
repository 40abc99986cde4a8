// SPDX-License-Identifier: Apache-2.0
//
// Whatever stands in a file of findings, the reporter neither crashes nor reads what is not there:
// the input is a file, and what can be read of it is shown in every form, compared with itself
// and suppressed.
#include <stdio.h>
#include <stdlib.h>

#include "model/reader.h"
#include "model/suppress.h"
#include "model/symbolize.h"
#include "render/project.h"
#include "render/render.h"
#include "render/source.h"

static void collect(struct weir_finding *f, void *all) {
  weir_collection_add(all, f);
}
static void count_seen(const struct weir_seen_note *note, void *all) {
  weir_collection_seen(all, note);
}

static void show(const struct weir_finding *f, struct weir_buf *out) {
  struct weir_suppressions s = {0};
  struct weir_buf line = {0}, messages = {0};
  weir_render_text(f, true, out);
  weir_render_list_line(f, false, out);
  weir_render_json(f, out);
  weir_suppression_line(f, false, &line);
  weir_suppressions_parse(&s, "line", line.data, line.len, &messages);
  weir_suppressions_match(&s, f);
  weir_suppressions_free(&s);
  weir_buf_free(&line);
  weir_buf_free(&messages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct weir_collection all = {0};
  struct weir_reader reader = {.finding = collect, .seen = count_seen, .arg = &all};
  struct weir_read_stats stats = {0};
  struct weir_buf out = {0};
  FILE *in = n ? fmemopen((void *)data, n, "r") : NULL;
  if (!in) return 0;
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  weir_project_open("/src");
  weir_read_findings(in, symbolizer, &reader, &stats);
  fclose(in);
  for (size_t i = 0; i < all.count; i++)
    show(all.at[i], &out);
  weir_render_html(&all, "fuzz", &out);
  weir_render_sarif(&all, "0", &out);
  weir_render_junit(&all, &out);
  weir_render_github(&all, &out);
  weir_render_gitlab(&all, &out);
  weir_render_markdown(&all, &out);
  weir_collection_drop(&all, &(struct weir_collection){0});
  weir_collection_free(&all);
  weir_symbolizer_free(symbolizer);
  weir_source_free();
  weir_buf_free(&out);
  return 0;
}
