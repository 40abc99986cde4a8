// SPDX-License-Identifier: Apache-2.0
//
// The fingerprint: xxh3 over sorted, distinct parts, so that neither the order of
// goroutines nor how many are alike changes it. A part is a stack (its shown
// functions) with the operation, or an object's kind and name. No line of a file, address,
// pid or goroutine id goes in. A frame without a name counts as module+offset, which
// is stable for one build.
//
// A race is told apart by its accesses and location alone, since who else was alive
// does not matter, and so are two calls on one object; everything else by its goroutines.
// Two functions may race in several places: an access to memory counts with its line in the
// function, which changes only when that function does, and all elements of an array are one.
#define XXH_INLINE_ALL
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "model/finding.h"

struct parts {
  char **at;
  size_t count, room;
};

static void push(struct parts *p, struct weir_buf *b) {
  if (p->count == p->room) {
    p->room = p->room ? 2 * p->room : 32;
    p->at = weir_xrealloc(p->at, p->room * sizeof *p->at);
  }
  p->at[p->count++] = b->data;
  *b = (struct weir_buf){0};
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// __main_block_invoke_2 counts as __main_block_invoke: the number is its place in
// the file.
static void add_function(struct weir_buf *b, const char *function) {
  const char *end = strstr(function, "_block_invoke");
  size_t n = end ? (size_t)(end - function) + strlen("_block_invoke") : strlen(function);
  weir_buf_addn(b, function, n);
}

static void add_frames(struct weir_buf *b, const struct weir_finding *f,
                       const struct weir_stack *s) {
  for (size_t i = 0; i < s->count; i++) {
    const struct weir_frame *frame = &s->frames[i];
    if (frame->hidden) continue;
    weir_buf_add(b, ";");
    if (*frame->function)
      add_function(b, frame->function);
    else if (frame->module >= 0)
      weir_buf_printf(b, "%s+0x%llx", base_name(f->modules[frame->module].path),
                      (unsigned long long)frame->offset);
  }
}

static void add_line(struct weir_buf *b, const struct weir_stack *s) {
  const struct weir_frame *top = weir_stack_top(s);
  if (top && top->line && top->function_line)
    weir_buf_printf(b, " line %d", top->line - top->function_line);
}

// "accounts[3].balance" counts as "accounts[].balance".
static void add_variable(struct weir_buf *b, const char *name) {
  bool index = false;
  for (const char *at = name; *at; at++) {
    if (*at == ']') index = false;
    if (!index) weir_buf_addn(b, at, 1);
    if (*at == '[') index = true;
  }
}

static void add_accesses(struct parts *p, const struct weir_finding *f) {
  struct weir_buf b = {0};
  for (size_t i = 0; i < f->access_count; i++) {
    const char *what = f->accesses[i].what;
    weir_buf_add(&b, *what ? what : f->accesses[i].write ? "write" : "read");
    add_frames(&b, f, &f->accesses[i].stack);
    if (!*what) add_line(&b, &f->accesses[i].stack);
    push(p, &b);
  }
  if (f->access_count && *f->accesses[0].what && f->object_count) {
    weir_buf_printf(&b, "%s %s", f->objects[0].kind, f->objects[0].name);
    push(p, &b);
    return;
  }
  // Whether a local variable has a name depends on where its owner was at the moment.
  bool local = !strcmp(f->location.kind, "stack");
  weir_buf_printf(&b, "location %s ", f->location.kind);
  if (!local) add_variable(&b, f->location.name);
  add_frames(&b, f, &f->location.stack);
  push(p, &b);
}

static void add_goroutines(struct parts *p, const struct weir_finding *f) {
  struct weir_buf b = {0};
  // The other half of a misuse may be anywhere by then.
  size_t n = *f->other.what && f->goroutine_count ? 1 : f->goroutine_count;
  for (size_t i = 0; i < n; i++) {
    const struct weir_goroutine *g = &f->goroutines[i];
    weir_buf_add(&b, *g->op ? g->op : g->state);
    add_frames(&b, f, &g->stack);
    weir_buf_add(&b, " by");
    add_frames(&b, f, &g->creation);
    push(p, &b);
  }
  for (size_t i = 0; i < f->object_count; i++) {
    weir_buf_printf(&b, "%s %s", f->objects[i].kind, f->objects[i].name);
    push(p, &b);
  }
}

static int by_text(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

void weir_finding_fingerprint(const struct weir_finding *f, char out[17]) {
  struct parts p = {0};
  struct weir_buf all = {0};
  if (f->access_count)
    add_accesses(&p, f);
  else
    add_goroutines(&p, f);
  if (p.count) qsort(p.at, p.count, sizeof *p.at, by_text);
  weir_buf_printf(&all, "%s\n", f->id);
  for (size_t i = 0; i < p.count; i++)
    if (!i || strcmp(p.at[i], p.at[i - 1])) weir_buf_printf(&all, "%s\n", p.at[i]);
  snprintf(out, 17, "%016llx", (unsigned long long)XXH3_64bits(all.data, all.len));
  for (size_t i = 0; i < p.count; i++)
    free(p.at[i]);
  free(p.at);
  weir_buf_free(&all);
}
