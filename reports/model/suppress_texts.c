// SPDX-License-Identifier: Apache-2.0
//
// What a suppression is matched against: function, file and module of every frame that is shown,
// and of hidden ones further in than the first shown (memcpy, weir_recv); names of goroutines and
// objects, the places that the program itself names, the variable of a race.
//
// A text of its own (WEIR_TEXT_OWN) is one of the few that tell this finding from others of its
// kind: of a race the innermost function of each access and the memory, of anything else
// that of each goroutine, the objects, and the place of the other side.
#include <stdlib.h>
#include <string.h>

#include "model/suppress.h"

static void add(struct weir_texts *t, const char *text, unsigned roles) {
  if (!text || !*text) return;
  if (t->count == t->room) {
    t->room = t->room ? 2 * t->room : 64;
    t->at = weir_xrealloc(t->at, t->room * sizeof *t->at);
  }
  t->at[t->count++] = (struct weir_text){text, roles};
}

static void add_frame(struct weir_texts *t, const struct weir_finding *f,
                      const struct weir_frame *frame, unsigned top, unsigned own) {
  add(t, frame->function, top | own);
  add(t, frame->file, top);
  if (frame->module >= 0) add(t, f->modules[frame->module].path, top);
}

// `roles`: TOP for the innermost frames up to the first with a source line, OWN for that one.
static void add_stack(struct weir_texts *t, const struct weir_finding *f,
                      const struct weir_stack *s, unsigned roles) {
  const struct weir_frame *top = weir_stack_top(s);
  bool before = true, shown = false;
  for (size_t i = 0; i < s->count; i++) {
    const struct weir_frame *frame = &s->frames[i];
    if (frame->hidden && shown) continue;
    shown |= !frame->hidden;
    add_frame(t, f, frame, before ? roles & WEIR_TEXT_TOP : 0,
              frame == top ? roles & WEIR_TEXT_OWN : 0);
    if (frame == top) before = false;
  }
}

static void add_goroutine(struct weir_texts *t, const struct weir_finding *f,
                          const struct weir_goroutine *g, bool race) {
  add(t, g->name, 0);
  add_stack(t, f, &g->stack, race ? 0 : WEIR_TEXT_OWN);
  add_stack(t, f, &g->creation, 0);
  for (size_t i = 0; i < g->hold_count; i++)
    add_stack(t, f, &g->holds[i].at, 0);
}

static void add_object(struct weir_texts *t, const struct weir_finding *f,
                       const struct weir_object *o, bool race) {
  add(t, o->name + (*o->name == '&'), race ? 0 : WEIR_TEXT_OWN);
  add(t, o->site.func, 0);
  add(t, o->site.file, 0);
  add_stack(t, f, &o->owner_at, 0);
  add_stack(t, f, &o->closed_at, 0);
}

void weir_texts_collect(const struct weir_finding *f, struct weir_texts *out) {
  bool race = f->access_count > 0;
  *out = (struct weir_texts){0};
  for (size_t i = 0; i < f->access_count; i++)
    add_stack(out, f, &f->accesses[i].stack, WEIR_TEXT_TOP | WEIR_TEXT_OWN);
  add(out, f->location.name, WEIR_TEXT_OWN);
  add(out, f->location.declared.file, 0);
  add_stack(out, f, &f->location.stack, WEIR_TEXT_OWN);
  for (size_t i = 0; i < f->goroutine_count; i++)
    add_goroutine(out, f, &f->goroutines[i], race);
  for (size_t i = 0; i < f->object_count; i++)
    add_object(out, f, &f->objects[i], race);
  add_stack(out, f, &f->other.at, WEIR_TEXT_OWN);
  for (size_t i = 0; i < f->place_count; i++)
    add_stack(out, f, &f->places[i].at, i ? 0 : WEIR_TEXT_OWN);
}

void weir_texts_free(struct weir_texts *t) {
  free(t->at);
  *t = (struct weir_texts){0};
}
