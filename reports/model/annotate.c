// SPDX-License-Identifier: Apache-2.0
//
// Names into records, so that what is loaded afterwards is the same whether it was
// symbolized here or elsewhere.
//
// Which frames are hidden. A stack is cleaned as a whole:
//   1. libc's start code and the thread start at its outer end, abort and what it calls at its
//   inner;
//   2. every frame of the runtime or the sanitizer, wherever it is;
//   3. a compiler-made block function (__F_block_invoke...) if a user frame is
//      further in and the call in the block is on the very line where the block
//      begins. That is the wrapper which weir_go and weir_defer expand to: a macro
//      expansion has one line. A block that the user wrote over several lines calls
//      from a later line and stays; one written on a single line is hidden too, which
//      loses nothing, since the line that created the goroutine is shown.
// If nothing were left, nothing is hidden.
#include "model/annotate.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/paths.h"
#include "model/symbolize.h"

struct annotator {
  struct weir_symbolizer *symbolizer;
  const json_t *modules; // of the record; opened when a frame needs one
};

struct named { // a frame on its way into the record
  json_t *frame;
  const char *function;
  bool runtime, wrapper, hidden;
};

struct frames {
  struct named *at;
  size_t count, room;
};

static const char *text_of(const json_t *o, const char *key) {
  const char *s = json_string_value(json_object_get(o, key));
  return s ? s : "";
}

static struct weir_module *module_of(const struct annotator *a, const json_t *frame) {
  const json_t *index = json_object_get(frame, "module"), *m;
  if (!json_is_integer(index) || json_integer_value(index) < 0) return NULL;
  m = json_array_get(a->modules, (size_t)json_integer_value(index));
  if (!json_is_object(m)) return NULL;
  return weir_symbolizer_module(a->symbolizer, text_of(m, "path"), text_of(m, "build_id"));
}

// DWARF is bytes; JSON is UTF-8. A name that is not is left out.
static void set_text(json_t *o, const char *key, const char *s) {
  if (s && *s) json_object_set_new(o, key, json_string(s));
}

static void set_number(json_t *o, const char *key, json_int_t n) {
  if (n > 0) json_object_set_new(o, key, json_integer(n));
}

static json_t *named_frame(const json_t *raw, const struct weir_symbol *s, bool of_access) {
  json_t *o = json_copy((json_t *)raw);
  set_text(o, "function", s->function);
  set_text(o, "file", s->file);
  set_number(o, "line", s->line);
  set_number(o, "column", s->column);
  if (of_access) set_number(o, "function_line", s->declared_line);
  if (s->inlined) json_object_set_new(o, "inlined", json_true());
  return o;
}

static bool is_block(const char *function) {
  return !strncmp(function, "__", 2) && strstr(function, "_block_invoke");
}

static void push(struct frames *f, struct named n) {
  if (f->count == f->room) {
    f->room = f->room ? 2 * f->room : 32;
    f->at = weir_xrealloc(f->at, f->room * sizeof *f->at);
  }
  f->at[f->count++] = n;
}

static void expand(const struct annotator *a, json_t *raw, bool of_access, struct frames *out) {
  struct weir_module *m = module_of(a, raw);
  json_t *offset = json_object_get(raw, "offset");
  struct weir_symbols symbols = {0};
  if (m && json_is_integer(offset) && json_integer_value(offset) >= 0)
    symbols = weir_module_symbols(m, (uint64_t)json_integer_value(offset));
  if (!symbols.count) push(out, (struct named){.frame = json_copy(raw), .function = ""});
  for (size_t i = 0; i < symbols.count; i++) {
    const struct weir_symbol *s = &symbols.at[i];
    const char *function = s->function ? s->function : "";
    bool wrapper = is_block(function) && s->line && s->line == s->declared_line;
    push(out, (struct named){named_frame(raw, s, of_access), function, s->runtime, wrapper, false});
  }
}

static bool is_start_code(const char *function) {
  static const char *const names[] = {"_start", "start_thread", "clone",
                                      "clone3", "__clone",      "__clone3"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (!strcmp(function, names[i])) return true;
  return !strncmp(function, "__libc_start", 12) || !strncmp(function, "_start_", 7);
}

// A stripped libc gives its start code no name: what calls main and has none is that.
static bool called_main(const struct frames *f, size_t i) {
  size_t inner = i;
  while (inner > 0 && !*f->at[inner - 1].function)
    inner--;
  return !*f->at[i].function && inner > 0 && !strcmp(f->at[inner - 1].function, "main");
}

// How many frames at the inner end are what abort and a failed assert do.
static size_t abort_code(const struct frames *f) {
  static const char *const names[] = {"abort", "__assert_fail", "__assert_perror_fail"};
  size_t n = 0;
  for (size_t i = 0; i < f->count && i < 10; i++)
    for (size_t j = 0; j < sizeof names / sizeof *names; j++)
      if (!strcmp(f->at[i].function, names[j])) n = i + 1;
  return n;
}

static void hide(struct frames *f) {
  size_t end = f->count, shown = 0, begin = abort_code(f);
  while (end && (is_start_code(f->at[end - 1].function) || called_main(f, end - 1)))
    f->at[--end].hidden = true;
  for (size_t i = 0; i < end; i++) {
    struct named *n = &f->at[i];
    n->hidden = n->runtime || i < begin || (n->wrapper && shown);
    shown += !n->hidden;
  }
  for (size_t i = 0; !shown && i < f->count; i++)
    f->at[i].hidden = false;
}

static bool has_names(const json_t *stack) {
  for (size_t i = 0; i < json_array_size(stack); i++)
    if (json_object_get(json_array_get(stack, i), "function")) return true;
  return false;
}

static json_t *annotated_stack(const struct annotator *a, json_t *stack, bool of_access) {
  struct frames f = {0};
  for (size_t i = 0; i < json_array_size(stack); i++)
    if (json_is_object(json_array_get(stack, i)))
      expand(a, json_array_get(stack, i), of_access, &f);
  hide(&f);
  json_t *out = json_array();
  for (size_t i = 0; i < f.count; i++) {
    if (f.at[i].hidden) json_object_set_new(f.at[i].frame, "hidden", json_true());
    json_array_append_new(out, f.at[i].frame);
  }
  free(f.at);
  return out;
}

// A single frame: the innermost that would be shown.
static json_t *annotated_frame(const struct annotator *a, json_t *raw) {
  json_t *one = json_pack("[O]", raw);
  json_t *stack = annotated_stack(a, one, false), *best = json_array_get(stack, 0);
  for (size_t i = json_array_size(stack); i-- > 0;)
    if (!json_object_get(json_array_get(stack, i), "hidden")) best = json_array_get(stack, i);
  json_incref(best);
  json_object_del(best, "hidden");
  json_decref(stack);
  json_decref(one);
  return best;
}

static bool is_frame_key(const char *key) {
  return !strcmp(key, "at") || !strcmp(key, "owner_at") || !strcmp(key, "closed_at") ||
         !strcmp(key, "missed_at");
}

static void walk(const struct annotator *a, json_t *node, int depth) {
  const char *key;
  json_t *value;
  size_t i;
  if (depth > 16) return;
  if (json_is_array(node)) json_array_foreach(node, i, value) walk(a, value, depth + 1);
  if (!json_is_object(node)) return;
  json_object_foreach(node, key, value) {
    if (!strcmp(key, "stack") && json_is_array(value)) {
      bool of_access = json_object_get(node, "write") != NULL;
      if (!has_names(value)) json_object_set_new(node, key, annotated_stack(a, value, of_access));
    } else if (is_frame_key(key) && json_is_object(value)) {
      if (!json_object_get(value, "function"))
        json_object_set_new(node, key, annotated_frame(a, value));
    } else {
      walk(a, value, depth + 1);
    }
  }
}

static void name_location(const struct annotator *a, json_t *location) {
  struct weir_variable v;
  bool local = !strcmp(text_of(location, "kind"), "stack");
  const json_t *place = local ? json_object_get(location, "frame") : location;
  json_t *offset = json_object_get(place, "offset"), *at = json_object_get(location, "frame_at");
  if (!json_is_integer(offset) || json_object_get(location, "declared")) return;
  if (local ? !json_is_integer(at) : strcmp(text_of(location, "kind"), "global") != 0) return;
  struct weir_module *m = module_of(a, place);
  if (!m) return;
  uint64_t where = (uint64_t)json_integer_value(offset);
  if (local ? !weir_module_local(m, where, json_integer_value(at), &v)
            : !weir_module_variable(m, where, &v))
    return;
  set_text(location, "name", v.name);
  set_number(location, "size", (json_int_t)v.size);
  if (v.file && v.line) {
    json_t *declared = json_pack("{s:s,s:i}", "file", v.file, "line", v.line);
    if (declared) json_object_set_new(location, "declared", declared);
  }
  free(v.name);
}

void weir_record_annotate(json_t *record, struct weir_symbolizer *symbolizer) {
  struct annotator a = {symbolizer, json_object_get(record, "modules")};
  walk(&a, record, 0);
  name_location(&a, json_object_get(record, "location"));
  weir_paths_map_record(record);
}
