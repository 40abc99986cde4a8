// SPDX-License-Identifier: Apache-2.0
//
// Findings as marks at source lines in a review: the workflow commands that GitHub Actions reads
// from a step's output, and the Code Quality report that GitLab reads from a file.
#include <stdlib.h>
#include <string.h>

#include "render/project.h"
#include "render/render.h"
#include "render/view.h"

static const struct weir_frame *place_of(const struct weir_finding *f) {
  const struct weir_stack *s = weir_view_main_stack(f);
  const struct weir_frame *top = s ? weir_stack_top(s) : NULL;
  return top && *top->file && top->line > 0 ? top : NULL;
}

static const char *path_of(struct weir_view *v, const struct weir_frame *frame) {
  const char *below = weir_project_path(&v->arena, frame->file, v->f->cwd);
  return below ? below : frame->file;
}

static bool is_sure(const struct weir_finding *f) {
  return !strcmp(f->certainty, "proven") || !strcmp(f->certainty, "observed");
}

// --- GitHub ------------------------------------------------------------------------------------

static void add_command_text(struct weir_buf *out, const char *s, const char *special) {
  for (; *s; s++)
    if (strchr(special, *s))
      weir_buf_printf(out, "%%%02X", (unsigned char)*s);
    else
      weir_buf_addn(out, s, 1);
}

static void add_property(struct weir_buf *out, const char *name, const char *value) {
  weir_buf_add(out, name);
  add_command_text(out, value, "%\r\n:,");
}

static void add_command(const struct weir_finding *f, struct weir_buf *out) {
  struct weir_view *v = weir_view_new(f);
  const struct weir_frame *at = place_of(f);
  weir_buf_add(out, is_sure(f) ? "::error " : "::warning ");
  if (at) {
    add_property(out, "file=", path_of(v, at));
    weir_buf_printf(out, ",line=%d,", at->line);
    if (at->column > 0) weir_buf_printf(out, "col=%d,", at->column);
  }
  add_property(out, "title=Weir%3A ", weir_view_title(v));
  weir_buf_add(out, "::");
  add_command_text(out, weir_view_answer(v), "%\r\n");
  weir_buf_add(out, "\n");
  weir_view_free(v);
}

void weir_render_github(const struct weir_collection *all, struct weir_buf *out) {
  for (size_t i = 0; i < all->count; i++)
    if (!weir_finding_is_dump(all->at[i]) && !*all->at[i]->suppressed) add_command(all->at[i], out);
}

// --- GitLab ------------------------------------------------------------------------------------

static json_t *issue_of(const struct weir_finding *f) {
  struct weir_view *v = weir_view_new(f);
  const struct weir_frame *at = place_of(f);
  const char *severity = is_sure(f) ? "critical" : "major";
  json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:{s:s,s:{s:i}}}", "description", weir_view_answer(v),
                        "check_name", f->id, "fingerprint", f->fingerprint, "severity", severity,
                        "location", "path", at ? path_of(v, at) : f->exe, "lines", "begin",
                        at ? at->line : 1);
  weir_view_free(v);
  return o;
}

void weir_render_gitlab(const struct weir_collection *all, struct weir_buf *out) {
  json_t *list = json_array();
  for (size_t i = 0; i < all->count; i++)
    if (!weir_finding_is_dump(all->at[i]) && !*all->at[i]->suppressed)
      json_array_append_new(list, issue_of(all->at[i]));
  char *data = json_dumps(list, JSON_INDENT(1));
  weir_buf_add(out, data ? data : "[]");
  weir_buf_add(out, "\n");
  free(data);
  json_decref(list);
}
