// SPDX-License-Identifier: Apache-2.0
//
// Labels. An object's name is the variable it lives in; two with the same name
// (account.mu of two accounts) are told apart as #1 and #2. A path loses the folder the
// program ran in, or the one the reporter runs in. In a sentence the base name
// is enough; stacks show more.
#include "render/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/group.h"

static char *printed(struct weir_view *v, struct weir_buf *b) {
  char *s = weir_arena_copy(&v->arena, b->data ? b->data : "", b->len);
  weir_buf_free(b);
  return s;
}

static const char *plain_name(struct weir_view *v, const struct weir_object *o) {
  // A name of ours is a macro's temporary, which tells nobody anything.
  if (*o->name && strncmp(o->name, "weir_", 5)) return o->name;
  const char *at = weir_view_site(v, &o->site);
  if (*at) return weir_arena_printf(&v->arena, "(%s)", at);
  return o->address ? weir_arena_printf(&v->arena, "0x%llx", (unsigned long long)o->address) : "";
}

// Quadratic only in the objects that share a name with an earlier one's first few.
static void name_objects(struct weir_view *v) {
  const struct weir_finding *f = v->f;
  unsigned *number = WEIR_ARENA_ARRAY(&v->arena, unsigned, f->object_count + 1);
  v->object_names = WEIR_ARENA_ARRAY(&v->arena, const char *, f->object_count + 1);
  for (size_t i = 0; i < f->object_count; i++)
    v->object_names[i] = plain_name(v, &f->objects[i]);
  weir_number_equals(v->object_names, f->object_count, number);
  for (size_t i = 0; i < f->object_count; i++)
    if (number[i])
      v->object_names[i] = weir_arena_printf(&v->arena, "%s #%u", v->object_names[i], number[i]);
}

struct weir_view *weir_view_new(const struct weir_finding *f) {
  struct weir_view *v = weir_xmalloc(sizeof *v);
  *v = (struct weir_view){.f = f};
  name_objects(v);
  weir_view_group(v);
  return v;
}

void weir_view_free(struct weir_view *v) {
  weir_arena_free(&v->arena);
  free(v);
}

const char *weir_view_title(struct weir_view *v) {
  char *s = weir_arena_copy(&v->arena, v->f->id, strlen(v->f->id));
  for (char *c = s; *c; c++)
    if (*c == '-') *c = ' ';
  return s;
}

static const char *below(const char *file, const char *folder) {
  size_t n = strlen(folder);
  while (n && folder[n - 1] == '/')
    n--;
  return n && !strncmp(file, folder, n) && file[n] == '/' ? file + n + 1 : NULL;
}

const char *weir_view_path(struct weir_view *v, const char *file) {
  static char here[4096];
  if (!*here && !getcwd(here, sizeof here)) strcpy(here, "/");
  const char *shorter = below(file, v->f->cwd);
  if (!shorter) shorter = below(file, here);
  return shorter ? shorter : file;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// A block in main is main.block. The number that the compiler adds is dropped: it counts
// the blocks that macros expand to as well.
static const char *block_name(struct weir_view *v, const char *function) {
  const char *end = strstr(function, "_block_invoke");
  if (strncmp(function, "__", 2) || !end || end <= function + 2) return NULL;
  return weir_arena_printf(&v->arena, "%.*s.block", (int)(end - function - 2), function + 2);
}

const char *weir_view_function(struct weir_view *v, const struct weir_frame *frame) {
  if (*frame->function) {
    const char *block = block_name(v, frame->function);
    return block ? block : frame->function;
  }
  if (frame->module < 0)
    return weir_arena_printf(&v->arena, "0x%llx", (unsigned long long)frame->address);
  return weir_arena_printf(&v->arena, "%s+0x%llx", base_name(v->f->modules[frame->module].path),
                           (unsigned long long)frame->offset);
}

const char *weir_view_source(struct weir_view *v, const struct weir_frame *frame) {
  if (*frame->file && frame->line) {
    const char *path = weir_view_path(v, frame->file);
    if (!frame->column) return weir_arena_printf(&v->arena, "%s:%d", path, frame->line);
    return weir_arena_printf(&v->arena, "%s:%d:%d", path, frame->line, frame->column);
  }
  if (frame->module < 0) return "(unknown module)";
  return weir_arena_printf(&v->arena, "(%s+0x%llx)", v->f->modules[frame->module].path,
                           (unsigned long long)frame->offset);
}

static const char *at_frame(struct weir_view *v, const struct weir_frame *frame) {
  const char *function = weir_view_function(v, frame);
  if (!*frame->file || !frame->line) return function;
  return weir_arena_printf(&v->arena, "%s:%d in %s", base_name(frame->file), frame->line, function);
}

const char *weir_view_at(struct weir_view *v, const struct weir_stack *s) {
  const struct weir_frame *top = weir_stack_top(s);
  return top ? at_frame(v, top) : "";
}

const char *weir_view_site(struct weir_view *v, const struct weir_place *p) {
  if (!*p->file || !p->line) return "";
  const char *at = weir_arena_printf(&v->arena, "%s:%d", base_name(p->file), p->line);
  if (!*p->func) return at;
  const char *block = block_name(v, p->func);
  return weir_arena_printf(&v->arena, "%s in %s", at, block ? block : p->func);
}

const char *weir_view_name(struct weir_view *v, const struct weir_goroutine *g) {
  if (g->id == 1 && !*g->name) return "main";
  const char *block = block_name(v, g->name);
  return block ? block : g->name;
}

const char *weir_view_goroutine(struct weir_view *v, uint64_t id) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, id);
  const char *name = g ? weir_view_name(v, g) : id == 1 ? "main" : "";
  const char *what = g && g->thread ? "thread" : "goroutine";
  if (!id) return "an unknown goroutine";
  if (!*name) return weir_arena_printf(&v->arena, "%s %llu", what, (unsigned long long)id);
  return weir_arena_printf(&v->arena, "%s %llu (%s)", what, (unsigned long long)id, name);
}

const char *weir_view_object(struct weir_view *v, int object) {
  if (object < 0) return "an unknown object";
  const char *name = v->object_names[object];
  const char *kind = *v->f->objects[object].kind ? v->f->objects[object].kind : "object";
  return *name ? weir_arena_printf(&v->arena, "%s %s", kind, name) : kind;
}

const char *weir_view_object_of(struct weir_view *v, const struct weir_goroutine *g, int object) {
  const char *hash = object < 0 ? NULL : strstr(v->object_names[object], " #");
  if (g->count < 2 || !hash) return weir_view_object(v, object);
  const struct weir_object *o = &v->f->objects[object];
  return weir_arena_printf(&v->arena, "%s %.*s", *o->kind ? o->kind : "object",
                           (int)(hash - v->object_names[object]), v->object_names[object]);
}

const char *weir_view_duration(struct weir_view *v, int64_t ns) {
  double s = (double)ns / 1e9;
  if (s < 1) return weir_arena_printf(&v->arena, "%lld ms", (long long)(ns / 1000000));
  if (s < 60) return weir_arena_printf(&v->arena, "%.1f s", s);
  if (s < 3600)
    return weir_arena_printf(&v->arena, "%lld min %lld s", (long long)s / 60, (long long)s % 60);
  return weir_arena_printf(&v->arena, "%lld h %lld min", (long long)s / 3600,
                           (long long)s / 60 % 60);
}

// Go's form: the operation, or the state, and minutes once there are any.
const char *weir_view_header(struct weir_view *v, const struct weir_goroutine *g) {
  const char *call =
      g->syscall && *g->syscall ? weir_arena_printf(&v->arena, "syscall, %s", g->syscall) : "";
  const char *state = *g->op ? g->op : *call ? call : *g->state ? g->state : "unknown";
  long long minutes = g->since_ns < 0 ? 0 : g->since_ns / 60000000000;
  struct weir_buf b = {0};
  weir_buf_printf(&b, "goroutine %llu [%s", (unsigned long long)g->id, state);
  if (minutes) weir_buf_printf(&b, ", %lld minute%s", minutes, minutes == 1 ? "" : "s");
  if (g->thread) weir_buf_add(&b, ", locked to thread");
  weir_buf_add(&b, "]");
  return printed(v, &b);
}

const char *weir_view_locks(struct weir_view *v, const int *objects, size_t n) {
  struct weir_buf b = {0};
  for (size_t i = 0; i < n; i++)
    weir_buf_printf(&b, "%s%s", i ? (i + 1 < n ? ", " : " and ") : "",
                    weir_view_object(v, objects[i]));
  return printed(v, &b);
}
