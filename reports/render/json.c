// SPDX-License-Identifier: Apache-2.0
//
// The record again, symbolized and with its fingerprint, for other machines and
// other tools. Members that this version does not know pass through. The head comes
// first in a fixed order, so that two runs can be compared line by line; equal findings
// add "seen".
#include <stdlib.h>
#include <string.h>

#include "render/render.h"
#include "render/view.h"

static void move(json_t *to, const json_t *from, const char *key) {
  json_t *value = json_object_get(from, key);
  if (value) json_object_set(to, key, value);
}

void weir_render_json(const struct weir_finding *f, struct weir_buf *out) {
  static const char *const head[] = {"schema",  "id",  "certainty", "fingerprint",
                                     "message", "pid", "seq",       "time"};
  const char *key;
  json_t *value, *o = json_object();
  struct weir_view *v = weir_view_new(f);
  for (size_t i = 0; i < sizeof head / sizeof *head; i++)
    move(o, f->record, head[i]);
  json_object_set_new(o, "answer", json_string(weir_view_answer(v)));
  json_object_set_new(o, "summary", json_string(weir_view_summary(v)));
  if (f->seen > 1) json_object_set_new(o, "seen", json_integer((json_int_t)f->seen));
  json_object_foreach(f->record, key, value) if (!json_object_get(o, key))
      json_object_set(o, key, value);
  char *line = json_dumps(o, JSON_COMPACT);
  weir_buf_add(out, line ? line : "");
  weir_buf_add(out, "\n");
  free(line);
  json_decref(o);
  weir_view_free(v);
}
