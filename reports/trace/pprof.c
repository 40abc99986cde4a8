// SPDX-License-Identifier: Apache-2.0
//
// Profiles of a trace in the form of `go tool pprof` (profile.proto, in gzip): what goroutines
// waited for (block), who kept others waiting for a lock (mutex), where they are at the end
// (goroutine), and which of them wait there for something (leak).
//
// A sample is the stack of the wait, without the runtime's frames, and behind it the place of the
// weir_go. Where the stack is not known (the table was full, or a goroutine runs) it is the call
// and the goroutine's function.
//
// Protocol buffers are written by hand: every field is a number or bytes with a length. gzip is
// written without compression, since a profile has a few hundred lines.
#include <stdlib.h>
#include <string.h>

#include "trace/export.h"

const char *const weir_profile_names[WEIR_PROFILES + 1] = {"block", "mutex", "goroutine", "leak",
                                                           NULL};

enum { DEPTH = WEIR_TRACE_FRAMES + 2 };

struct sample {
  const struct weir_trace_spot *stack[DEPTH]; // innermost first
  int64_t count, ns;
  struct sample *next;
};

struct maker {
  struct weir_trace_export *e;
  enum weir_profile kind;
  struct weir_arena arena;
  struct sample *buckets[4096], *all[65536];
  size_t n_samples;
  const struct weir_trace_spot *spots[65536]; // each a location and a function, numbered from 1
  size_t n_spots;
  struct weir_buf strings, out; // strings: the fields, written
  size_t n_strings;
};

// --- protocol buffers ------------------------------------------------------------------------

static void varint(struct weir_buf *b, uint64_t value) {
  for (; value > 127; value >>= 7) {
    char c = (char)((value & 127) | 128);
    weir_buf_addn(b, &c, 1);
  }
  char c = (char)value;
  weir_buf_addn(b, &c, 1);
}
static void number(struct weir_buf *b, unsigned field, uint64_t value) {
  if (!value) return;
  varint(b, field << 3);
  varint(b, value);
}
static void bytes(struct weir_buf *b, unsigned field, const char *data, size_t n) {
  varint(b, field << 3 | 2);
  varint(b, n);
  weir_buf_addn(b, data ? data : "", n);
}
static void message(struct weir_buf *b, unsigned field, struct weir_buf *inner) {
  bytes(b, field, inner->data, inner->len);
  weir_buf_free(inner);
  *inner = (struct weir_buf){0};
}
static uint64_t string(struct maker *m, const char *text) { // repeated ones do no harm
  bytes(&m->strings, 6, text, strlen(text));
  return m->n_strings++;
}

// --- samples ---------------------------------------------------------------------------------

static struct sample *find(struct maker *m, const struct weir_trace_spot *const stack[DEPTH]) {
  uintptr_t hash = 0;
  for (int i = 0; i < DEPTH; i++)
    hash = (hash ^ (uintptr_t)stack[i]) * UINT64_C(0x9e3779b97f4a7c15);
  struct sample **at = &m->buckets[hash >> 52];
  for (; *at; at = &(*at)->next)
    if (!memcmp((*at)->stack, stack, sizeof(*at)->stack)) return *at;
  if (m->n_samples == sizeof m->all / sizeof *m->all) return NULL;
  struct sample *s = *at = weir_arena_alloc(&m->arena, sizeof **at);
  memcpy(s->stack, stack, sizeof s->stack);
  return m->all[m->n_samples++] = s;
}

// What is not a place, but stands for one: the function that a goroutine runs.
static const struct weir_trace_spot *entry(struct maker *m, const char *name) {
  for (size_t i = 0; i < m->n_spots; i++)
    if (!m->spots[i]->address && !strcmp(m->spots[i]->function, name)) return m->spots[i];
  if (m->n_spots == sizeof m->spots / sizeof *m->spots) return NULL;
  struct weir_trace_spot *spot = weir_arena_alloc(&m->arena, sizeof *spot);
  *spot = (struct weir_trace_spot){
      .function = weir_arena_printf(&m->arena, "%s", name), .path = "", .at = ""};
  return m->spots[m->n_spots++] = spot;
}

// weir_go(f, x) is a block that calls f: it has the line on which it is created.
static bool is_start(const struct weir_trace_spot *spot, const struct weir_trace_spot *created) {
  return spot->block && created && spot->line == created->line &&
         !strcmp(spot->path, created->path);
}

static bool is_programs(const struct weir_trace_spot *spot) {
  return !spot->runtime && *spot->path && strncmp(spot->function, "__libc_start", 12) != 0;
}

// Of the stack what is the program's, from the call on.
static int add_stack(struct maker *m, const struct weir_actor *who, uint64_t number,
                     const struct weir_trace_spot **stack) {
  uint64_t pcs[WEIR_TRACE_FRAMES];
  size_t n = weir_trace_stack(m->e->trace, number, pcs);
  const struct weir_trace_spot *created = weir_trace_spot(m->e->names, who->created_at);
  int depth = 0;
  for (size_t i = 0; i < n; i++) {
    const struct weir_trace_spot *spot = weir_trace_spot(m->e->names, pcs[i]);
    if (is_programs(spot) && !is_start(spot, created)) stack[depth++] = spot;
  }
  return depth;
}

static int add_call(struct maker *m, const struct weir_actor *who, uint64_t pc, bool whole,
                    const struct weir_trace_spot **stack) {
  int depth = 0;
  const struct weir_trace_spot *call = weir_trace_spot(m->e->names, pc);
  if (call) stack[depth++] = call;
  if (whole && *who->name && (!call || strcmp(call->function, who->name)))
    if ((stack[depth] = entry(m, who->name))) depth++;
  return depth;
}

// `whole`: what is known of the goroutine itself, too, since it is its own wait.
static void add(struct maker *m, const struct weir_actor *who, uint64_t pc, uint64_t number,
                bool whole, int64_t ns) {
  const struct weir_trace_spot *stack[DEPTH] = {0};
  int depth = add_stack(m, who, number, stack);
  if (!depth) depth = add_call(m, who, pc, whole, stack);
  if (whole && who->created_at)
    if ((stack[depth] = weir_trace_spot(m->e->names, who->created_at))) depth++;
  if (!depth) stack[depth++] = entry(m, "(not known)");
  struct sample *s = find(m, stack);
  if (!s) return;
  s->count++;
  s->ns += ns;
}

static bool begins(const char *text, const char *with) {
  return !strncmp(text, with, strlen(with));
}

// As in Go: what goroutines wait for each other for, not the clock and not the world.
static bool for_others(const char *wait) {
  return !begins(wait, "sleep") && !begins(wait, "IO wait") && !begins(wait, "blocking call") &&
         !begins(wait, "exit");
}

static void span(void *arg, struct weir_actor *who, const struct weir_span *span) {
  struct maker *m = arg;
  bool waits = span->kind == WEIR_SPAN_WAITS;
  const char *wait = waits ? weir_actor_wait(m->e->trace, who) : "";
  int64_t ns = span->to - span->from;
  switch (m->kind) {
  case WEIR_PROFILE_BLOCK:
    if (waits && for_others(wait)) add(m, who, who->pc, who->stack, true, ns);
    break;
  case WEIR_PROFILE_MUTEX:
    if (waits && !span->open && who->waker_pc &&
        (begins(wait, "sync.Mutex") || begins(wait, "sync.RWMutex")))
      add(m, who, who->waker_pc, who->waker_stack, false, ns);
    break;
  case WEIR_PROFILE_GOROUTINE:
    if (span->open) add(m, who, waits ? who->pc : who->last_pc, waits ? who->stack : 0, true, 0);
    break;
  default:
    if (span->open && waits && for_others(wait)) add(m, who, who->pc, who->stack, true, ns);
  }
}

// --- the profile -----------------------------------------------------------------------------

static void value_type(struct maker *m, unsigned field, const char *type, const char *unit) {
  struct weir_buf b = {0};
  number(&b, 1, string(m, type));
  number(&b, 2, string(m, unit));
  message(&m->out, field, &b);
}

static uint64_t location(struct maker *m, const struct weir_trace_spot *spot) {
  for (size_t i = 0; i < m->n_spots; i++)
    if (m->spots[i] == spot) return i + 1;
  if (m->n_spots == sizeof m->spots / sizeof *m->spots) return 0;
  m->spots[m->n_spots++] = spot;
  return m->n_spots;
}

static void put_sample(struct maker *m, const struct sample *s, bool times) {
  struct weir_buf b = {0}, ids = {0}, values = {0};
  for (int i = 0; i < DEPTH && s->stack[i]; i++) {
    uint64_t id = location(m, s->stack[i]);
    if (id) varint(&ids, id);
  }
  varint(&values, (uint64_t)s->count);
  if (times) varint(&values, (uint64_t)s->ns);
  message(&b, 1, &ids);
  message(&b, 2, &values);
  message(&m->out, 2, &b);
}

static void put_location(struct maker *m, uint64_t id, const struct weir_trace_spot *spot) {
  struct weir_buf b = {0}, line = {0};
  number(&line, 1, id);
  number(&line, 2, (uint64_t)spot->line);
  number(&b, 1, id);
  number(&b, 2, 1);
  number(&b, 3, spot->address);
  message(&b, 4, &line);
  message(&m->out, 4, &b);
  uint64_t name = string(m, spot->function);
  number(&b, 1, id);
  number(&b, 2, name);
  number(&b, 3, name);
  number(&b, 4, string(m, spot->path));
  message(&m->out, 5, &b);
}

static void put_mapping(struct maker *m, const char *program) {
  struct weir_buf b = {0};
  number(&b, 1, 1);
  number(&b, 3, UINT64_C(1) << 47);
  number(&b, 5, string(m, program));
  for (unsigned has = 7; has <= 9; has++) // functions, files, lines
    number(&b, has, 1);
  message(&m->out, 3, &b);
}

static void put_all(struct maker *m, const struct weir_played *played) {
  struct weir_trace_facts facts = weir_trace_facts(m->e->trace);
  bool contention = m->kind == WEIR_PROFILE_BLOCK || m->kind == WEIR_PROFILE_MUTEX;
  bool times = m->kind != WEIR_PROFILE_GOROUTINE;
  string(m, "");
  value_type(m, 1, contention ? "contentions" : "goroutines", "count");
  if (times) value_type(m, 1, "delay", "nanoseconds");
  for (size_t i = 0; i < m->n_samples; i++)
    put_sample(m, m->all[i], times);
  put_mapping(m, facts.program);
  for (size_t i = 0; i < m->n_spots; i++)
    put_location(m, i + 1, m->spots[i]);
  number(&m->out, 9, (uint64_t)facts.wall_ns);
  number(&m->out, 10, (uint64_t)played->length);
  value_type(m, 11, contention ? "contentions" : "goroutines", "count");
  number(&m->out, 12, 1);
  if (m->strings.len) weir_buf_addn(&m->out, m->strings.data, m->strings.len);
}

// --- gzip ------------------------------------------------------------------------------------

static uint32_t crc_of(const unsigned char *data, size_t n) {
  uint32_t crc = ~0u;
  for (size_t i = 0; i < n; i++) {
    crc ^= data[i];
    for (int bit = 0; bit < 8; bit++)
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

static void put_little(struct weir_trace_out *o, uint32_t value, int n) {
  for (; n > 0; n--, value >>= 8) {
    char c = (char)value;
    weir_out_add(o, &c, 1);
  }
}

// Deflate's form for what is not compressed: blocks of at most 65,535 bytes.
static void put_gzip(struct weir_trace_out *o, const char *data, size_t n) {
  static const char header[10] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
  weir_out_add(o, header, sizeof header);
  for (size_t at = 0, part; at < n || at == 0; at += part) {
    part = n - at < 65535 ? n - at : 65535;
    put_little(o, at + part == n, 1);
    put_little(o, (uint32_t)part, 2);
    put_little(o, ~(uint32_t)part, 2);
    weir_out_add(o, data + at, part);
    if (at + part == n) break;
  }
  put_little(o, crc_of((const unsigned char *)data, n), 4);
  put_little(o, (uint32_t)n, 4);
}

int weir_trace_pprof(struct weir_trace_export *e, enum weir_profile kind) {
  struct maker *m = weir_xmalloc(sizeof *m);
  memset(m, 0, sizeof *m);
  m->e = e;
  m->kind = kind;
  struct weir_player p = {.span = span, .progress = e->progress, .arg = m, .part = e->part};
  struct weir_played played = weir_trace_play(e->trace, e->names, &p);
  put_all(m, &played);
  put_gzip(e->out, m->out.data, m->out.len);
  weir_buf_free(&m->strings);
  weir_buf_free(&m->out);
  weir_arena_free(&m->arena);
  free(m);
  return weir_out_flush(e->out);
}
