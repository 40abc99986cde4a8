// SPDX-License-Identifier: Apache-2.0
//
// names.h. Spots are kept for ever (there are as many as the program has calls), in a hash table
// that grows; objects in a table of fixed size, where a newer one takes the place of an older.
#include "trace/names.h"

#include <stdlib.h>
#include <string.h>

#include "model/symbolize.h"

enum { OBJECTS = 1 << 16, SITES = 1 << 16 };

struct weir_trace_names {
  const struct weir_trace *trace;
  struct weir_symbolizer *symbolizer;
  struct weir_arena arena;
  struct weir_trace_spot **spots; // by address; a power of two, never full
  size_t n_spots, room;
  struct {
    uint64_t object;
    unsigned site;
  } objects[OBJECTS];
  const char *sites[SITES]; // NULL: not asked for yet
};

struct weir_trace_names *weir_trace_names_new(const struct weir_trace *t) {
  struct weir_trace_names *n = weir_xmalloc(sizeof *n);
  memset(n, 0, sizeof *n);
  n->trace = t;
  n->symbolizer = weir_symbolizer_new();
  n->room = 1024;
  n->spots = weir_xmalloc(n->room * sizeof *n->spots);
  memset(n->spots, 0, n->room * sizeof *n->spots);
  return n;
}

void weir_trace_names_free(struct weir_trace_names *n) {
  weir_symbolizer_free(n->symbolizer);
  weir_arena_free(&n->arena);
  free(n->spots);
  free(n);
}

static const char *safe(struct weir_trace_names *n, const char *text) {
  struct weir_buf b = {0};
  size_t len = strlen(text);
  if (weir_text_is_safe(text, len)) return weir_arena_copy(&n->arena, text, len);
  weir_buf_add_safe(&b, text, len);
  const char *copy = weir_arena_copy(&n->arena, b.data, b.len);
  weir_buf_free(&b);
  return copy;
}

// --- places ------------------------------------------------------------------------------------

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// Of what is inlined at the call, the innermost that is not the runtime's.
static const struct weir_symbol *pick(const struct weir_symbols *s) {
  for (size_t i = 0; i < s->count; i++)
    if (!s->at[i].runtime && s->at[i].function) return &s->at[i];
  return s->count && s->at[0].function ? &s->at[0] : NULL;
}

// A block, of a weir_defer or the program's own, is called after the function that it stands in.
static const char *function_name(struct weir_trace_names *n, const char *function) {
  const char *end = strstr(function, "_block_invoke");
  if (strncmp(function, "__", 2) || !end) return safe(n, function);
  return safe(n, weir_arena_copy(&n->arena, function + 2, (size_t)(end - function - 2)));
}

static struct weir_trace_spot *look_up(struct weir_trace_names *n, uint64_t pc) {
  struct weir_trace_spot *spot = weir_arena_alloc(&n->arena, sizeof *spot);
  struct weir_trace_module m;
  *spot = (struct weir_trace_spot){.address = pc, .path = "", .function = ""};
  bool known = weir_trace_module(n->trace, pc, &m);
  struct weir_module *module =
      known ? weir_symbolizer_module(n->symbolizer, m.path, m.build_id) : NULL;
  struct weir_symbols symbols = {0};
  if (module) symbols = weir_module_symbols(module, pc - m.base);
  const struct weir_symbol *s = pick(&symbols);
  if (s) {
    spot->runtime = s->runtime;
    spot->block = strstr(s->function, "_block_invoke") != NULL;
    spot->function = function_name(n, s->function);
    spot->path = s->file ? safe(n, s->file) : "";
    spot->line = s->line;
  } else if (known) {
    spot->function = weir_arena_printf(&n->arena, "%s+0x%llx", safe(n, last_part(m.path)),
                                       (unsigned long long)(pc - m.base));
  } else {
    spot->function = weir_arena_printf(&n->arena, "0x%llx", (unsigned long long)pc);
  }
  spot->at = *spot->path ? weir_arena_printf(&n->arena, "%s:%d in %s", last_part(spot->path),
                                             spot->line, spot->function)
                         : spot->function;
  return spot;
}

static size_t hash(uint64_t x) {
  return (size_t)(x * UINT64_C(0x9e3779b97f4a7c15) >> 16);
}

static struct weir_trace_spot **slot_of(struct weir_trace_names *n, uint64_t pc) {
  size_t i = hash(pc);
  while (n->spots[i & (n->room - 1)] && n->spots[i & (n->room - 1)]->address != pc)
    i++;
  return &n->spots[i & (n->room - 1)];
}

static void grow(struct weir_trace_names *n) {
  struct weir_trace_spot **old = n->spots;
  size_t room = n->room;
  n->room *= 2;
  n->spots = weir_xmalloc(n->room * sizeof *n->spots);
  memset(n->spots, 0, n->room * sizeof *n->spots);
  for (size_t i = 0; i < room; i++)
    if (old[i]) *slot_of(n, old[i]->address) = old[i];
  free(old);
}

const struct weir_trace_spot *weir_trace_spot(struct weir_trace_names *n, uint64_t pc) {
  if (!pc) return NULL;
  struct weir_trace_spot **slot = slot_of(n, pc);
  if (*slot) return *slot;
  struct weir_trace_spot *spot = look_up(n, pc);
  *slot = spot;
  if (2 * ++n->n_spots > n->room) grow(n);
  return spot;
}

// --- objects -------------------------------------------------------------------------------------

const char *weir_trace_site_name(struct weir_trace_names *n, unsigned site) {
  if (!site || site >= SITES) return "";
  if (n->sites[site]) return n->sites[site];
  const char *text = weir_trace_place(n->trace, site).name;
  while (*text == '&' || *text == '*' || *text == '(')
    text++;
  const char *name = safe(n, text);
  size_t len = strcspn(name, ")");
  return n->sites[site] = weir_arena_copy(&n->arena, name, len);
}

void weir_trace_learn(struct weir_trace_names *n, const struct weir_trace_item *item) {
  bool names = item->op >= WEIR_TRACE_CALL || item->op == WEIR_TRACE_BLOCK;
  if (!names || !item->site || !item->what) return;
  size_t i = hash(item->what) % OBJECTS;
  n->objects[i].object = item->what;
  n->objects[i].site = item->site;
}

const char *weir_trace_object_name(struct weir_trace_names *n, uint64_t object) {
  size_t i = hash(object) % OBJECTS;
  return object && n->objects[i].object == object ? weir_trace_site_name(n, n->objects[i].site)
                                                  : "";
}
