// SPDX-License-Identifier: Apache-2.0
//
// The parts of every record: frames, objects and goroutines. Each writes the JSON and, beside it,
// the plain text for a machine without a reporter. What single detectors add: record_evidence.c.
//
// Objects are numbered while goroutines and accesses mention them, and written after them.
// What a record mentions may be gone by the time it is made; such memory is probed before use.
#define _GNU_SOURCE
#include "detect/record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <weir/sync.h>
#include <weir/time.h>

#include "detect/history.h"
#include "detect/lock_cycle.h"
#include "detect/modules.h"
#include "os/memory.h"
#include "os/thread.h"

enum { ANCESTORS_MAX = 8 };

void weir_record_say(struct weir_record *r, const char *format, ...) {
  struct weir_text *t = &r->t;
  va_list args;
  va_start(args, format);
  int n = vsnprintf(t->buf + t->len, t->cap - t->len, format, args);
  va_end(args);
  if (n > 0) t->len += (size_t)n < t->cap - t->len ? (size_t)n : t->cap - t->len - 1;
}

// --- frames ----------------------------------------------------------------------

void weir_record_put_frame(struct weir_record *r, const char *key, uintptr_t pc) {
  struct weir_json *j = &r->j;
  weir_json_open(j, key, '{');
  // A return address may be one past the end of the function, but its call is inside the module.
  struct weir_module *m = weir_modules_find(pc - 1);
  if (m) {
    weir_json_int(j, "module", m->index);
    weir_json_int(j, "offset", (int64_t)(pc - m->base));
  } else {
    weir_json_address(j, "address", pc);
  }
  weir_json_close(j, '}');
}

void weir_record_say_frame(struct weir_record *r, uintptr_t pc) {
  const struct weir_module *m = weir_modules_find(pc - 1);
  if (m)
    weir_record_say(r, "\t%s+0x%lx\n", m->path, (unsigned long)(pc - m->base));
  else
    weir_record_say(r, "\t0x%lx\n", (unsigned long)pc);
}

void weir_record_put_stack(struct weir_record *r, const char *key, const uintptr_t *pcs, size_t n) {
  weir_json_open(&r->j, key, '[');
  for (size_t i = 0; i < n; i++) {
    weir_record_put_frame(r, NULL, pcs[i]);
    weir_record_say_frame(r, pcs[i]);
  }
  weir_json_close(&r->j, ']');
}

static void put_site(struct weir_json *j, const struct weir_site *site) {
  if (!site) return;
  weir_json_open(j, "site", '{');
  weir_json_text(j, "func", site->func ? site->func : "");
  weir_json_text(j, "file", site->file ? site->file : "");
  weir_json_int(j, "line", site->line);
  weir_json_close(j, '}');
}

// --- objects ---------------------------------------------------------------------

static const char *const use_texts[WEIR_CHAN_USES] = {
    [WEIR_CHAN_PLAIN] = "",
    [WEIR_CHAN_OF_TIMER] = "timer",
    [WEIR_CHAN_OF_TICKER] = "ticker",
    [WEIR_CHAN_OF_CONTEXT] = "context",
};

static void put_channel(struct weir_record *r, const struct weir_object_desc *d) {
  struct weir_json *j = &r->j;
  if (d->use) weir_json_text(j, "of", use_texts[d->use]);
  weir_json_int(j, "len", (int64_t)d->len);
  weir_json_int(j, "cap", (int64_t)d->cap);
  weir_json_int(j, "elem_size", (int64_t)d->elem_size);
  weir_json_bool(j, "closed", d->closed);
  if (d->closed_by) weir_json_int(j, "closed_by", (int64_t)d->closed_by);
  if (d->closed_pc) weir_record_put_frame(r, "closed_at", (uintptr_t)d->closed_pc);
  if (d->last_sender) weir_json_int(j, "last_sender", (int64_t)d->last_sender);
  if (d->last_receiver) weir_json_int(j, "last_receiver", (int64_t)d->last_receiver);
}

static void put_object(struct weir_record *r, size_t i) {
  const struct weir_object_desc *d = &r->objects[i].d;
  const struct weir_site *use = r->objects[i].use;
  const char *name = d->site && d->site->name && d->site->name[0] ? d->site->name
                     : use && use->name                           ? use->name
                                                                  : "";
  struct weir_json *j = &r->j;
  weir_json_open(j, NULL, '{');
  weir_json_text(j, "kind", weir_object_kind_text(d->kind));
  weir_json_text(j, "name", name);
  weir_json_address(j, "address", (uintptr_t)d->address);
  put_site(j, d->site ? d->site : use);
  if (d->kind == WEIR_OBJ_CHAN && d->address) put_channel(r, d);
  if (d->missed_by) weir_json_int(j, "missed_by", (int64_t)d->missed_by);
  if (d->missed_pc) weir_record_put_frame(r, "missed_at", (uintptr_t)d->missed_pc);
  if (d->kind == WEIR_OBJ_SEM) weir_json_int(j, "cap", (int64_t)d->cap);
  if (d->kind == WEIR_OBJ_WAIT_GROUP || d->kind == WEIR_OBJ_RWMUTEX || d->kind == WEIR_OBJ_SEM)
    weir_json_int(j, "len", (int64_t)d->len);
  uint64_t owner = d->owner_goid;
  bool ended = owner && weir_lock_owner_ended(d->address, &owner);
  if (owner) weir_json_int(j, "owner", (int64_t)owner);
  if (ended) weir_json_bool(j, "owner_ended", true);
  if (d->owner_pc) weir_record_put_frame(r, "owner_at", (uintptr_t)d->owner_pc);
  weir_json_close(j, '}');
  weir_record_say(r, "%s%s %s at %p", i ? "" : "\n", weir_object_kind_text(d->kind),
                  name[0] ? name : "(no name)", d->address);
  const struct weir_site *site = d->site ? d->site : use;
  if (site) weir_record_say(r, ", %s:%u", site->file, (unsigned)site->line);
  weir_record_say(r, "\n");
}

void weir_record_put_objects(struct weir_record *r) {
  weir_json_open(&r->j, "objects", '[');
  for (size_t i = 0; i < r->n_objects; i++)
    put_object(r, i);
  weir_json_close(&r->j, ']');
}

int weir_record_object(struct weir_record *r, const struct weir_object_desc *d,
                       const struct weir_site *use) {
  for (size_t i = 0; i < r->n_objects; i++)
    if (r->objects[i].d.address == d->address && r->objects[i].d.kind == d->kind) return (int)i;
  if (r->n_objects == WEIR_OBJECTS_MAX) return -1;
  r->objects[r->n_objects].d = *d;
  r->objects[r->n_objects].use = use;
  return (int)r->n_objects++;
}

static bool readable(const void *p, size_t n) {
  char copy[64];
  return !p || (n <= sizeof copy && weir_mem_peek(copy, p, n));
}

// A lock that a goroutine held at an access may be gone by now, and its memory another's.
static bool looks_like_a_lock(const void *object) {
  weir_mutex m;
  return weir_mem_peek(&m, object, sizeof m) && readable(m.owner, 8);
}

// So may what a goroutine waited for a moment ago, in a program that goes on.
static bool looks_like_a_site(const struct weir_site *at) {
  struct weir_site site;
  if (!at) return true;
  if (!weir_mem_peek(&site, at, sizeof site)) return false;
  return readable(site.name, 1) && readable(site.func, 1) && readable(site.file, 1);
}

int weir_record_object_at(struct weir_record *r, enum weir_object_kind kind, const void *object) {
  if (kind == WEIR_OBJ_NONE || !object || !readable(object, 1)) return -1;
  bool lock = kind == WEIR_OBJ_MUTEX || kind == WEIR_OBJ_RWMUTEX || kind == WEIR_OBJ_ONCE;
  if (lock && !looks_like_a_lock(object)) return -1;
  struct weir_object_desc d = {0};
  weir_object_describe(kind, object, &d);
  return looks_like_a_site(d.site) ? weir_record_object(r, &d, NULL) : -1;
}

int weir_record_lock_at(struct weir_record *r, const void *lock) {
  return weir_record_object_at(r, weir_object_lock_kind(lock), lock);
}

// --- goroutines ------------------------------------------------------------------------

void weir_record_goroutines_open(struct weir_record *r) {
  weir_json_open(&r->j, "goroutines", '[');
}
void weir_record_goroutines_close(struct weir_record *r) {
  weir_json_close(&r->j, ']');
}

static const char *state_text(const struct weir_record_goroutine *g) {
  if (g->finished) return "finished";
  if (g->past) return "running";
  switch (g->view->state) {
  case WEIR_G_RUNNABLE:
    return "runnable";
  case WEIR_G_WAITING:
    return "waiting";
  case WEIR_G_DEAD:
    return "finished";
  default:
    return g->view->op == WEIR_WAIT_NONE ? "running" : "waiting"; // about to park
  }
}

static void put_waits(struct weir_record *r, const struct weir_g_view *v) {
  struct weir_wait_on on[32];
  size_t n = weir_inspect_waits(v->g, on, 32);
  weir_json_open(&r->j, "waits", '[');
  for (size_t i = 0; i < n && i < 32; i++) {
    int object = weir_record_object_at(r, on[i].kind, on[i].object);
    weir_json_open(&r->j, NULL, '{');
    weir_json_text(&r->j, "op", weir_wait_op_text(on[i].op));
    if (object >= 0) weir_json_int(&r->j, "object", object);
    weir_json_close(&r->j, '}');
  }
  weir_json_close(&r->j, ']');
}

// A read lock that another goroutine gave back may stay in the list of who took it.
static bool not_its_own(const struct weir_g_view *v, const void *lock) {
  if (weir_object_lock_kind(lock) != WEIR_OBJ_RWMUTEX) return false;
  struct weir_object_desc d;
  weir_object_describe(WEIR_OBJ_RWMUTEX, lock, &d);
  return d.owner_goid ? d.owner_goid != v->id : !d.len || d.readers_unknown;
}

static void put_holds(struct weir_record *r, const struct weir_g_view *v) {
  if (!v->held_count) return;
  weir_json_open(&r->j, "holds", '[');
  for (unsigned i = 0; i < v->held_count && i < WEIR_HELD_MAX; i++) {
    if (not_its_own(v, v->held[i].mutex)) continue;
    int object = weir_record_lock_at(r, v->held[i].mutex);
    if (object < 0) continue;
    weir_json_open(&r->j, NULL, '{');
    weir_json_int(&r->j, "object", object);
    weir_record_put_frame(r, "at", (uintptr_t)v->held[i].pc);
    weir_json_close(&r->j, '}');
  }
  weir_json_close(&r->j, ']');
}

static void put_past(struct weir_record *r, const struct weir_record_goroutine *g) {
  struct weir_json *j = &r->j;
  const struct weir_record_hold *h = g->past_hold;
  weir_json_text(j, "op", g->past);
  weir_json_open(j, "waits", '[');
  weir_json_open(j, NULL, '{');
  weir_json_text(j, "op", g->past);
  weir_json_int(j, "object", g->past_object);
  weir_json_close(j, '}');
  weir_json_close(j, ']');
  if (!h) return;
  weir_json_open(j, "holds", '[');
  weir_json_open(j, NULL, '{');
  weir_json_int(j, "object", h->object);
  weir_record_put_frame(r, "at", h->pc);
  weir_record_say(r, "holds a lock, taken at\n");
  weir_record_put_stack(r, "stack", h->stack, h->frames);
  weir_json_close(j, '}');
  weir_json_close(j, ']');
  weir_record_say(r, "and takes another at\n");
}

// With ancestors to tell, each in the one that it created.
static void put_creation(struct weir_record *r, const struct weir_g_view *v, int ancestors) {
  if (!v->parent && !v->creation[0]) return;
  size_t n = 0;
  while (n < WEIR_CREATION_FRAMES && v->creation[n])
    n++;
  if (v->parent)
    weir_record_say(r, "created by goroutine %lu\n", (unsigned long)v->parent);
  else
    weir_record_say(r, "created at\n");
  weir_json_open(&r->j, "created_by", '{');
  weir_json_int(&r->j, "id", (int64_t)v->parent);
  weir_record_put_stack(r, "stack", v->creation, n);
  struct weir_g_view parent;
  if (v->parent && ancestors > 0) {
    weir_history_find(v->parent, &parent);
    put_creation(r, &parent, ancestors - 1);
  }
  weir_json_close(&r->j, '}');
}

static void put_labels(struct weir_record *r, const struct weir_record_goroutine *g) {
  struct weir_g_labels labels;
  if (g->finished || !g->view->g) return;
  weir_inspect_labels(g->view->g, &labels);
  if (!labels.n) return;
  weir_json_open(&r->j, "labels", '{');
  weir_record_say(r, "labels:");
  for (size_t i = 0; i < labels.n; i++) {
    weir_json_text(&r->j, labels.label[i].key, labels.label[i].value);
    weir_record_say(r, " %s=%s", labels.label[i].key, labels.label[i].value);
  }
  weir_record_say(r, "\n");
  weir_json_close(&r->j, '}');
}

void weir_record_mention(struct weir_record *r, uint64_t goid) {
  for (size_t i = 0; i < r->n_goids; i++)
    if (r->goids[i] == goid) return;
  if (goid && r->n_goids < WEIR_TRACE_LAST_GOROUTINES) r->goids[r->n_goids++] = goid;
}

void weir_record_goroutine(struct weir_record *r, const struct weir_record_goroutine *g) {
  const struct weir_g_view *v = g->view;
  weir_record_mention(r, v->id);
  struct weir_json *j = &r->j;
  const char *state = state_text(g);
  bool waits = !g->finished && !g->past && v->op != WEIR_WAIT_NONE;
  weir_json_open(j, NULL, '{');
  weir_json_int(j, "id", (int64_t)v->id);
  weir_json_text(j, "name", v->name);
  weir_json_text(j, "state", state);
  weir_json_int(j, "count", (int64_t)g->count);
  if (v->thread) weir_json_bool(j, "thread", true);
  if (g->call) weir_json_text(j, "syscall", g->call);
  if (g->stack_size) weir_json_int(j, "stack_size", (int64_t)g->stack_size);
  weir_record_say(r, "goroutine %lu [%s]:", (unsigned long)v->id,
                  waits     ? weir_wait_op_text(v->op)
                  : g->past ? g->past
                  : g->call ? "syscall"
                            : state);
  if (g->count > 1) weir_record_say(r, " (%lu alike)", g->count);
  weir_record_say(r, "\n");
  if (waits) {
    weir_json_text(j, "op", weir_wait_op_text(v->op));
    int64_t since = v->state == WEIR_G_WAITING ? weir_now() - v->since : 0;
    weir_json_int(j, "since_ns", since > 0 ? since : 0);
    put_waits(r, v);
  }
  put_labels(r, g);
  if (g->past)
    put_past(r, g);
  else
    put_holds(r, v);
  weir_record_put_stack(r, "stack", g->stack, g->frames);
  put_creation(r, v, g->ancestry ? ANCESTORS_MAX : 0);
  weir_json_close(j, '}');
  weir_record_say(r, "\n");
}

struct look_for_thread {
  const struct weir_g *g;
  int tid;
};

static void look_at_worker(const struct weir_worker_view *w, void *arg) {
  struct look_for_thread *l = arg;
  if (w->g == l->g) l->tid = w->tid;
}

// Before its thread is interrupted for its stack, which ends the call's sleep.
static void find_call(const struct weir_g *g, char *out) {
  struct look_for_thread l = {.g = g};
  *out = 0;
  weir_inspect_workers(look_at_worker, &l);
  if (l.tid && weir_thread_run_state(l.tid) != 'R') weir_thread_call(l.tid, out);
}

void weir_record_present_goroutine(struct weir_record *r, const struct weir_g_view *view,
                                   unsigned long count) {
  uintptr_t pcs[WEIR_STACK_MAX];
  bool self = view->g == weir_inspect_self();
  size_t n = weir_inspect_stack(view->g, self ? view->api_pc : NULL, pcs, WEIR_STACK_MAX);
  if (n > WEIR_STACK_MAX) n = WEIR_STACK_MAX;
  char call[24] = "";
  if (n == 0 && !self && view->state == WEIR_G_RUNNING && !view->thread) {
    find_call(view->g, call);
    n = weir_inspect_running_stack(view->g, pcs, WEIR_STACK_MAX);
  }
  struct weir_record_goroutine g = {.view = view, .count = count, .stack = pcs, .frames = n};
  if (*call) g.call = call;
  weir_record_goroutine(r, &g);
}
