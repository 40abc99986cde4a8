// SPDX-License-Identifier: Apache-2.0
//
// The page: a template with the style, the script and the findings put in, in two ways. Each
// finding is there as the text of its report and its pictures, escaped, which is all that a reader
// without scripts gets. And all are there as JSON (html_view.c) in a script element of a type that
// browsers do not run, with every < written \u003c: from that the script builds the page, with text
// nodes only, and moves the pictures to where they belong. So no name, however odd, can become
// markup.
//
// The JSON is a view, made by the same functions as the text, not the record: `weir report json`
// gives that.
#include <stdlib.h>
#include <string.h>

#include "render/html_assets.h"
#include "render/html_view.h"
#include "render/picture.h"
#include "render/render.h"
#include "render/xml.h"

typedef bool picture(struct weir_view *v, size_t number, struct weir_buf *out);

static void add_picture(picture *draw, const char *name, struct weir_view *v, size_t number,
                        struct weir_buf *out) {
  struct weir_buf drawn = {0};
  if (draw(v, number, &drawn)) {
    weir_buf_printf(out, "<figure id=\"p%zu-%s\">\n", number, name);
    weir_buf_addn(out, drawn.data, drawn.len);
    weir_buf_add(out, "</figure>\n");
  }
  weir_buf_free(&drawn);
}

static void add_plain(const struct weir_collection *all, struct weir_buf *out) {
  for (size_t i = 0; i < all->count; i++) {
    struct weir_view *v = weir_view_new(all->at[i]);
    struct weir_buf text = {0};
    weir_render_text(all->at[i], false, &text);
    weir_buf_printf(out, "<pre id=\"t%zu\">\n", i);
    weir_xml_text(out, text.data);
    weir_buf_add(out, "</pre>\n");
    weir_buf_free(&text);
    add_picture(weir_picture_waits, "waits", v, i, out);
    add_picture(weir_picture_order, "order", v, i, out);
    add_picture(weir_picture_events, "events", v, i, out);
    weir_view_free(v);
  }
}

static void add_script_safe(struct weir_buf *out, const char *json) {
  for (const char *c = json; *c; c++)
    if (*c == '<')
      weir_buf_add(out, "\\u003c");
    else
      weir_buf_addn(out, c, 1);
}

static void add_data(const struct weir_collection *all, const char *source, struct weir_buf *out) {
  struct weir_excerpts excerpts = {json_array(), json_object()};
  json_t *list = json_array();
  for (size_t i = 0; i < all->count; i++) {
    struct weir_view *v = weir_view_new(all->at[i]);
    json_array_append_new(list, weir_html_finding(v, &excerpts));
    weir_view_free(v);
  }
  json_t *page =
      json_pack("{s:s,s:o,s:o}", "source", source, "findings", list, "excerpts", excerpts.all);
  char *data = json_dumps(page, JSON_COMPACT);
  add_script_safe(out, data ? data : "{}");
  free(data);
  json_decref(page);
  json_decref(excerpts.number);
}

void weir_render_html(const struct weir_collection *all, const char *source, struct weir_buf *out) {
  const char *rest = weir_html_page, *mark;
  while ((mark = strstr(rest, "<!--weir:"))) {
    const char *name = mark + strlen("<!--weir:"), *end = strstr(mark, "-->");
    weir_buf_addn(out, rest, (size_t)(mark - rest));
    if (!strncmp(name, "style", 5)) weir_buf_add(out, weir_html_style);
    if (!strncmp(name, "script", 6)) weir_buf_add(out, weir_html_script);
    if (!strncmp(name, "data", 4)) add_data(all, source, out);
    if (!strncmp(name, "plain", 5)) add_plain(all, out);
    rest = end + strlen("-->");
  }
  weir_buf_add(out, rest);
}
