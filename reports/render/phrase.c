// SPDX-License-Identifier: Apache-2.0
//
// Phrases: an object's state, the memory that was raced on, what a goroutine waits for,
// an access, a row of a cycle. Each is a fragment that reads on its own and inside a
// sentence; what is unknown is left out, never guessed.
#include <string.h>

#include "render/view.h"

enum { CASES_MAX = 4 };

static char *printed(struct weir_view *v, struct weir_buf *b) {
  char *s = weir_arena_copy(&v->arena, b->data ? b->data : "", b->len);
  weir_buf_free(b);
  return s;
}

static void add_channel(struct weir_view *v, const struct weir_object *o, struct weir_buf *b) {
  if (!o->address && o->cap < 0) {
    weir_buf_add(b, ", nil");
    return;
  }
  if (o->cap >= 0) weir_buf_printf(b, ", cap %lld", (long long)o->cap);
  if (o->len >= 0) weir_buf_printf(b, ", len %lld", (long long)o->len);
  if (o->closed || o->closed_by) {
    weir_buf_printf(b, ", closed by %s", weir_view_goroutine(v, o->closed_by));
    const char *at = weir_view_at(v, &o->closed_at);
    if (*at) weir_buf_printf(b, " at %s", at);
  }
  const char *made = weir_view_site(v, &o->site);
  if (*made) weir_buf_printf(b, ", made at %s", made);
  if (o->last_sender)
    weir_buf_printf(b, "; last sender %s", weir_view_goroutine(v, o->last_sender));
  if (o->last_receiver)
    weir_buf_printf(b, "; last receiver %s", weir_view_goroutine(v, o->last_receiver));
}

static void add_count(const struct weir_object *o, struct weir_buf *b) {
  long long n = (long long)o->len;
  if (n == INT64_MIN) return;
  if (!strcmp(o->kind, "wait group")) weir_buf_printf(b, ", counter %lld", n);
  if (!strcmp(o->kind, "semaphore") && n >= 0)
    weir_buf_printf(b, ", %lld of %lld taken", n, (long long)o->cap);
  if (!strcmp(o->kind, "rwmutex") && n > 0)
    weir_buf_printf(b, ", held by %lld reader%s", n, n == 1 ? "" : "s");
}

static bool is_unheld_lock(const struct weir_object *o) {
  return !strcmp(o->kind, "mutex") || (!strcmp(o->kind, "rwmutex") && o->len <= 0);
}

static void add_left_locked(struct weir_view *v, const struct weir_object *o, struct weir_buf *b) {
  const char *at = weir_view_at(v, &o->owner_at);
  weir_buf_add(b, ", taken");
  if (*at) weir_buf_printf(b, " at %s", at);
  weir_buf_printf(b, " by %s, which has ended without unlocking it",
                  o->owner ? weir_view_goroutine(v, o->owner) : "a goroutine");
}

static void add_lock(struct weir_view *v, const struct weir_object *o, struct weir_buf *b) {
  if (o->owner_ended) {
    add_left_locked(v, o, b);
  } else if (o->owner) {
    bool once = !strcmp(o->kind, "once"), writes = !strcmp(o->kind, "rwmutex");
    weir_buf_printf(b, ", %s by %s%s", once ? "run" : "held", weir_view_goroutine(v, o->owner),
                    writes ? " for writing" : "");
    const char *at = weir_view_at(v, &o->owner_at);
    if (*at) weir_buf_printf(b, ", %s at %s", once ? "called" : "taken", at);
  } else if (is_unheld_lock(o)) {
    weir_buf_add(b, ", not held");
  }
  add_count(o, b);
  if (o->missed_by) {
    weir_buf_printf(b, ", last signalled by %s when nobody waited",
                    weir_view_goroutine(v, o->missed_by));
    const char *at = weir_view_at(v, &o->missed_at);
    if (*at) weir_buf_printf(b, ", at %s", at);
  }
  const char *used = weir_view_site(v, &o->site);
  const char *use = strcmp(o->kind, "wait group") ? "used" : "added to or waited for";
  if (*used && *o->name && !o->owner && !o->owner_ended)
    weir_buf_printf(b, "; last %s at %s", use, used);
}

bool weir_view_is_sleep(struct weir_view *v, int object) {
  const struct weir_object *o = &v->f->objects[object];
  return !strcmp(o->kind, "timer") && !*o->name;
}

const char *weir_view_object_state(struct weir_view *v, int object) {
  const struct weir_object *o = &v->f->objects[object];
  struct weir_buf b = {0};
  if (!strcmp(o->kind, "channel"))
    add_channel(v, o, &b);
  else
    add_lock(v, o, &b);
  const char *s = printed(v, &b);
  return *s == ',' || *s == ';' ? s + 2 : s;
}

static bool is_fd(const struct weir_location *l) {
  return !strcmp(l->kind, "fd");
}

const char *weir_view_location(struct weir_view *v) {
  const struct weir_location *l = &v->f->location;
  if (is_fd(l)) return weir_arena_printf(&v->arena, "file descriptor %lld", (long long)l->fd);
  if (*l->name && !strcmp(l->kind, "stack"))
    return weir_arena_printf(&v->arena, "local variable '%s' of %s", l->name,
                             weir_view_goroutine(v, l->goroutine));
  if (*l->name) {
    const char *kind = !strcmp(l->kind, "global") ? "global " : "";
    return weir_arena_printf(&v->arena, "%s'%s'", kind, l->name);
  }
  const char *at = weir_view_at(v, &l->stack);
  if (!strcmp(l->kind, "heap"))
    return *at ? weir_arena_printf(&v->arena, "heap memory (allocated at %s)", at) : "heap memory";
  if (!strcmp(l->kind, "stack"))
    return l->goroutine ? weir_arena_printf(&v->arena, "a local variable of %s",
                                            weir_view_goroutine(v, l->goroutine))
                        : "a local variable";
  if (!strcmp(l->kind, "tls")) return "a thread-local variable";
  uint64_t address = l->address ? l->address : v->f->access_count ? v->f->accesses[0].address : 0;
  return address ? weir_arena_printf(&v->arena, "memory at 0x%llx", (unsigned long long)address)
                 : "the same memory";
}

const char *weir_view_location_detail(struct weir_view *v) {
  const struct weir_location *l = &v->f->location;
  if (!*l->kind || !strcmp(l->kind, "unknown")) return "";
  struct weir_buf b = {0};
  if (!strcmp(l->kind, "heap")) {
    weir_buf_add(&b, l->size ? "a heap block" : "heap memory");
    if (l->size)
      weir_buf_printf(&b, " of %llu byte%s", (unsigned long long)l->size, l->size == 1 ? "" : "s");
    if (l->address) weir_buf_printf(&b, " at 0x%llx", (unsigned long long)l->address);
    if (l->goroutine) weir_buf_printf(&b, " allocated by %s", weir_view_goroutine(v, l->goroutine));
    return printed(v, &b);
  }
  weir_buf_add(&b, weir_view_location(v));
  if (is_fd(l)) {
    if (l->goroutine) weir_buf_printf(&b, " opened by %s", weir_view_goroutine(v, l->goroutine));
    return printed(v, &b);
  }
  if (l->size)
    weir_buf_printf(&b, "%s %llu byte%s", strcmp(l->kind, "stack") ? " of" : ",",
                    (unsigned long long)l->size, l->size == 1 ? "" : "s");
  bool named = *l->name || strcmp(l->kind, "global");
  if (l->address && named) weir_buf_printf(&b, " at 0x%llx", (unsigned long long)l->address);
  const char *declared = weir_view_site(v, &l->declared);
  if (*declared) weir_buf_printf(&b, ", declared at %s", declared);
  return printed(v, &b);
}

int weir_view_waited(struct weir_view *v, const struct weir_goroutine *g) {
  for (size_t i = 0; i < v->f->cycle_count; i++)
    if (v->f->cycle[i].goroutine == g->id) return v->f->cycle[i].object;
  return g->wait_count ? g->waits[0].object : -1;
}

const struct weir_hold *weir_view_hold(const struct weir_goroutine *g, int object) {
  for (size_t i = 0; i < g->hold_count; i++)
    if (g->holds[i].object == object) return &g->holds[i];
  return NULL;
}

static void add_case(struct weir_view *v, const struct weir_goroutine *g, const struct weir_wait *w,
                     struct weir_buf *b) {
  const char *what = w->object < 0 ? "a nil channel" : weir_view_object_of(v, g, w->object);
  const char *how = strstr(w->op, "send")      ? "sending on "
                    : strstr(w->op, "receive") ? "receiving from "
                                               : "";
  weir_buf_printf(b, "%s%s", how, what);
}

static const char *select_waits(struct weir_view *v, const struct weir_goroutine *g) {
  struct weir_buf b = {0};
  if (!g->wait_count) return "in a select that no case can leave";
  weir_buf_add(&b, "in a select, ");
  for (size_t i = 0; i < g->wait_count && i < CASES_MAX; i++) {
    if (i) weir_buf_add(&b, i + 1 == g->wait_count ? " or " : ", ");
    add_case(v, g, &g->waits[i], &b);
  }
  if (g->wait_count > CASES_MAX) weir_buf_printf(&b, " or %zu more", g->wait_count - CASES_MAX);
  return printed(v, &b);
}

const char *weir_view_waiting(struct weir_view *v, const struct weir_goroutine *g) {
  const char *op = g->op;
  int object = weir_view_waited(v, g);
  const char *on = object >= 0 ? weir_view_object_of(v, g, object) : NULL;
  if (weir_view_is_lock_order(v)) return weir_view_wants(v, g);
  if (strstr(op, "nil chan"))
    return strstr(op, "send") ? "sending on a nil channel" : "receiving from a nil channel";
  if (!strncmp(op, "select", 6)) return select_waits(v, g);
  if (!strcmp(op, "chan send"))
    return weir_arena_printf(&v->arena, "sending on %s", on ? on : "a channel");
  if (!strcmp(op, "chan receive"))
    return weir_arena_printf(&v->arena, "receiving from %s", on ? on : "a channel");
  if (!strcmp(op, "sleep")) return "sleeping";
  if (!strcmp(op, "IO wait")) return "waiting for I/O";
  if (!strcmp(op, "blocking call")) return "waiting for a blocking call to return";
  if (!strcmp(op, "singleflight.Do"))
    return "waiting for another goroutine's call for the same key";
  if (on) return weir_arena_printf(&v->arena, "waiting for %s", on);
  return *op ? weir_arena_printf(&v->arena, "waiting [%s]", op) : "waiting";
}

// A free is told by the function that the race detector put in the place of libc's.
static bool frees(const struct weir_access *a) {
  static const char *const names[] = {"free", "cfree", "realloc", "reallocarray"};
  if (!a->write || !a->stack.count || !a->stack.frames[0].hidden) return false;
  const char *function = strstr(a->stack.frames[0].function, "interceptor_");
  for (size_t i = 0; function && i < sizeof names / sizeof *names; i++)
    if (!strcmp(function + strlen("interceptor_"), names[i])) return true;
  return false;
}

// What a call on an object is called afterwards.
static const char *did_call(const char *what) {
  static const char *const words[][2] = {
      {"send", "sent on"},    {"receive", "received from"},
      {"close", "closed"},    {"done", "counted down"},
      {"free", "freed"},      {"add", "added to"},
      {"wait", "waited for"}, {"lock", "locked"},
      {"unlock", "unlocked"},
  };
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (!strcmp(what, words[i][0])) return words[i][1];
  return "used";
}

// Without a goroutine its "by" goes, too.
const char *weir_view_other(struct weir_view *v) {
  const struct weir_other *o = &v->f->other;
  size_t n = strlen(o->what), by = strlen(" by");
  if (o->goroutine)
    return weir_arena_printf(&v->arena, "%s %s", o->what, weir_view_goroutine(v, o->goroutine));
  if (n > by && !strcmp(o->what + n - by, " by")) n -= by;
  return weir_arena_printf(&v->arena, "%.*s", (int)n, o->what);
}

const char *weir_view_pair(const struct weir_view *v) {
  return v->f->access_count && *v->f->accesses[0].what ? "calls" : "accesses";
}

const char *weir_view_did(struct weir_view *v, const struct weir_access *a) {
  if (*a->what) return did_call(a->what);
  if (is_fd(&v->f->location)) return a->write ? "closed" : "used";
  return frees(a) ? "freed" : a->write ? "wrote" : "read";
}

// "write", "atomic read"; of a descriptor "close", "use".
static const char *access_noun(struct weir_view *v, const struct weir_access *a) {
  if (*a->what) return a->what;
  if (is_fd(&v->f->location)) return a->write ? "close" : "use";
  return frees(a) ? "free" : a->write ? "write" : "read";
}

const char *weir_view_access(struct weir_view *v, const struct weir_access *a, bool previous) {
  char *s = weir_arena_printf(&v->arena, "%s%s%s", previous ? "previous " : "",
                              a->atomic && !*a->what ? "atomic " : "", access_noun(v, a));
  *s = (char)(*s - 'a' + 'A');
  if (*a->what) return s;
  if (is_fd(&v->f->location))
    return weir_arena_printf(&v->arena, "%s of %s", s, weir_view_location(v));
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s of size %llu", s, (unsigned long long)a->size);
  if (a->address) weir_buf_printf(&b, " at 0x%llx", (unsigned long long)a->address);
  return printed(v, &b);
}

struct weir_cycle_row weir_view_cycle_row(struct weir_view *v, size_t edge) {
  const struct weir_finding *f = v->f;
  const struct weir_cycle_edge *e = &f->cycle[edge];
  const struct weir_goroutine *g = weir_finding_goroutine(f, e->goroutine);
  // What the one before in the cycle waits for, this one has.
  const struct weir_cycle_edge *before = &f->cycle[(edge + f->cycle_count - 1) % f->cycle_count];
  const struct weir_wait_for *w = weir_view_wait_for(v, before->goroutine, before->object);
  int held = w && !w->has ? -1 : before->object;
  const struct weir_hold *h = g ? weir_view_hold(g, held) : NULL;
  struct weir_cycle_row row = {
      weir_view_goroutine(v, e->goroutine), "",       "", weir_view_object(v, e->object),
      g ? weir_view_at(v, &g->stack) : "",  "held by"};
  w = weir_view_wait_for(v, e->goroutine, e->object);
  if (w && !w->has) row.link = "left to";
  if (held >= 0) row.holds = weir_view_has(v, edge, held);
  if (h) row.holds_at = weir_view_at(v, &h->at);
  if (held >= 0 && !*row.holds_at && f->objects[held].owner == e->goroutine)
    row.holds_at = weir_view_at(v, &f->objects[held].owner_at);
  return row;
}
