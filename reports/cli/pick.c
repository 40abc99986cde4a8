// SPDX-License-Identifier: Apache-2.0
#include "cli/pick.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) id,
#include <weir/findings.def>
#define WEIR_STATIC(enumerator, id, certainty, title) id,
#include <weir/checks.def>
    "goroutine-dump"};
static const char *const certainties[] = {"proven",    "observed", "predicted",
                                          "suspected", "likely",   "advice"};

static bool is_one_of(const char *word, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!strcmp(word, list[i])) return true;
  return false;
}

bool weir_pick_add(struct weir_pick *p, enum weir_pick_by by, const char *pattern) {
  if (by == WEIR_PICK_KIND && !is_one_of(pattern, kinds, sizeof kinds / sizeof *kinds))
    return false;
  if (by == WEIR_PICK_CERTAINTY &&
      !is_one_of(pattern, certainties, sizeof certainties / sizeof *certainties))
    return false;
  size_t n = p->counts[by]++;
  p->patterns[by] = weir_xrealloc(p->patterns[by], (n + 1) * sizeof(char *));
  p->patterns[by][n] = pattern;
  return true;
}

static bool matches(const struct weir_pick *p, enum weir_pick_by by, const char *s) {
  for (size_t i = 0; i < p->counts[by]; i++)
    if (*s && fnmatch(p->patterns[by][i], s, 0) == 0) return true;
  return false;
}

// By the whole path or by its last part.
static bool is_in_file(const struct weir_pick *p, const struct weir_stack *s) {
  for (size_t i = 0; i < s->count; i++) {
    if (s->frames[i].hidden) continue;
    const char *file = s->frames[i].file, *slash = strrchr(file, '/');
    if (matches(p, WEIR_PICK_FILE, file) || (slash && matches(p, WEIR_PICK_FILE, slash + 1)))
      return true;
  }
  return false;
}

static bool has_file(const struct weir_pick *p, const struct weir_finding *f) {
  for (size_t i = 0; i < f->access_count; i++)
    if (is_in_file(p, &f->accesses[i].stack)) return true;
  for (size_t i = 0; i < f->goroutine_count; i++)
    if (is_in_file(p, &f->goroutines[i].stack)) return true;
  if (f->place_count && is_in_file(p, &f->places[0].at)) return true;
  return false;
}

static bool has_goroutine(const struct weir_pick *p, const struct weir_finding *f) {
  for (size_t i = 0; i < f->goroutine_count; i++) {
    const struct weir_goroutine *g = &f->goroutines[i];
    if (matches(p, WEIR_PICK_GOROUTINE, g->id == 1 && !*g->name ? "main" : g->name)) return true;
  }
  return false;
}

bool weir_pick_wants(const struct weir_pick *p, const struct weir_finding *f) {
  if (p->counts[WEIR_PICK_KIND] && !matches(p, WEIR_PICK_KIND, f->id)) return false;
  if (p->counts[WEIR_PICK_CERTAINTY] && !matches(p, WEIR_PICK_CERTAINTY, f->certainty))
    return false;
  if (p->counts[WEIR_PICK_FILE] && !has_file(p, f)) return false;
  return !p->counts[WEIR_PICK_GOROUTINE] || has_goroutine(p, f);
}

void weir_pick_free(struct weir_pick *p) {
  for (int i = 0; i < WEIR_PICK_SORTS; i++)
    free(p->patterns[i]);
}
