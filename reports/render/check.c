// SPDX-License-Identifier: Apache-2.0
//
// A finding of `weir analyze` for a terminal, in the form of compiler warnings, which people and
// editors read:
//
//   pool.c:31:5: warning: p->lock is still locked when get is left here [missing-unlock, likely]
//      31 |      return NULL;
//         |      ^
//   pool.c:27:3: note: locked here
//      27 |    weir_mutex_lock(&p->lock);
#include <string.h>

#include "render/source.h"
#include "render/view.h"

#define BOLD "1"
#define RED "1;31"
#define CYAN "36"

static const char *styled(struct weir_view *v, bool color, const char *style, const char *s) {
  return color ? weir_arena_printf(&v->arena, "\033[%sm%s\033[0m", style, s) : s;
}

static void add_place(struct weir_view *v, const struct weir_source_place *p, bool color,
                      const char *level, const char *text, struct weir_buf *out) {
  const struct weir_frame *frame = &p->at.frames[0];
  weir_buf_printf(out, "%s: %s %s", styled(v, color, BOLD, weir_view_source(v, frame)),
                  styled(v, color, strcmp(level, "note:") ? RED : CYAN, level), text);
}

void weir_render_check(struct weir_view *v, bool color, struct weir_buf *out) {
  const struct weir_finding *f = v->f;
  bool advice = !strcmp(f->certainty, "advice");
  add_place(v, &f->places[0], color, advice ? "advice:" : "warning:", weir_view_answer(v), out);
  weir_buf_printf(out, " [%s, %s]\n", f->id, f->certainty);
  weir_source_excerpt(&f->places[0].at.frames[0], "", color, out);
  for (size_t i = 1; i < f->place_count; i++) {
    add_place(v, &f->places[i], color, "note:", f->places[i].what, out);
    weir_buf_add(out, "\n");
    weir_source_excerpt(&f->places[i].at.frames[0], "", color, out);
  }
  if (f->seen > 1)
    weir_buf_printf(out, "In %llu files that include it.\n", (unsigned long long)f->seen);
  if (*f->suppressed) weir_buf_printf(out, "Suppressed by %s.\n", f->suppressed);
}
