// SPDX-License-Identifier: Apache-2.0
//
// emit.h. The record is written into one big reservation of address space (pages come on
// touch), the plain text into another; both are reused, under record.lock. That lock is
// innermost: nothing that can take another lock of the runtime is called with it held but
// reads of inspect.h.
//
// Objects are numbered while goroutines and accesses mention them and written after them;
// modules come last, when all frames are known.
#define _GNU_SOURCE
#include "detect/emit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/sync.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/json.h"
#include "detect/modules.h"
#include "detect/race.h"
#include "detect/sink.h"
#include "os/io.h"
#include "os/lock.h"
#include "os/memory.h"
#include "sched/sched.h"

enum { OBJECTS_MAX = 1024, JSON_ROOM = 64 << 20, TEXT_ROOM = 16 << 20, ARGV_ROOM = 16384 };

struct text {
  char *buf;
  size_t len, cap;
};

// HOW_TRY: by weir_race_flush, perhaps with locks of the race detector held.
enum how { HOW_FINDING, HOW_DUMP, HOW_TRY };

struct weir_record {
  struct weir_json j;
  struct text t;
  enum how how;
  struct weir_io_signals signals;
  size_t n_objects;
  struct {
    struct weir_object_desc d;
    const struct weir_site *use;
  } objects[OBJECTS_MAX];
};

static struct weir_record record; // record_lock
static struct weir_lock record_lock;
static _Atomic unsigned long sent;
static unsigned long sequence; // record_lock

static const struct {
  const char *id, *certainty;
} kinds[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) {id, certainty},
#include <weir/findings.def>
};

unsigned long weir_findings_count(void) {
  return atomic_load_explicit(&sent, memory_order_relaxed);
}

// --- plain text ------------------------------------------------------------------

__attribute__((format(printf, 2, 3))) static void say(struct text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(t->buf + t->len, t->cap - t->len, format, args);
  va_end(args);
  if (n > 0) t->len += (size_t)n < t->cap - t->len ? (size_t)n : t->cap - t->len - 1;
}

// --- parts of the record -----------------------------------------------------------

static void put_frame(struct weir_record *r, const char *key, uintptr_t pc) {
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

static void say_frame(struct weir_record *r, uintptr_t pc) {
  const struct weir_module *m = weir_modules_find(pc - 1);
  if (m)
    say(&r->t, "\t%s+0x%lx\n", m->path, (unsigned long)(pc - m->base));
  else
    say(&r->t, "\t0x%lx\n", (unsigned long)pc);
}

static void put_stack(struct weir_record *r, const char *key, const uintptr_t *pcs, size_t n) {
  weir_json_open(&r->j, key, '[');
  for (size_t i = 0; i < n; i++) {
    put_frame(r, NULL, pcs[i]);
    say_frame(r, pcs[i]);
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

static void put_time(struct weir_json *j) {
  int64_t ns = weir_io_wall_ns(), s = ns / 1000000000, days = s / 86400, sod = s % 86400;
  // Civil date of a day count, with years that begin in March so that leap days come last.
  int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  int64_t year = yoe + era * 400 + (month <= 2);
  char text[40];
  snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
           (int)day, (int)(sod / 3600), (int)(sod / 60 % 60), (int)(sod % 60),
           (int)(ns / 1000000 % 1000));
  weir_json_text(j, "time", text);
}

static void put_argv(struct weir_json *j, const char *argv, long n) {
  weir_json_open(j, "argv", '[');
  for (long i = 0; i < n;) {
    size_t len = strnlen(argv + i, (size_t)(n - i));
    weir_json_bytes(j, NULL, argv + i, len);
    i += (long)len + 1;
  }
  weir_json_close(j, ']');
}

static void put_program(struct weir_json *j) {
  static char argv[ARGV_ROOM], path[4096];
  long n = weir_io_read_file("/proc/self/cmdline", argv, sizeof argv);
  weir_json_open(j, "program", '{');
  weir_io_read_link("/proc/self/exe", path, sizeof path);
  weir_json_text(j, "exe", path);
  put_argv(j, argv, n);
  weir_io_cwd(path, sizeof path);
  weir_json_text(j, "cwd", path);
  weir_json_close(j, '}');
  weir_json_open(j, "reproduce", '{');
  put_argv(j, argv, n);
  const char *options = getenv("WEIR_OPTIONS");
  weir_json_text(j, "options", options ? options : "");
  weir_json_close(j, '}');
}

// --- begin and end -------------------------------------------------------------------

static void map_once(char **buf, size_t *cap, size_t want) {
  static char last_resort[2][65536];
  if (*buf) return;
  for (*cap = want; *cap >= (1u << 20); *cap /= 2)
    if ((*buf = weir_mem_map(*cap)) != NULL) return;
  *buf = last_resort[want == TEXT_ROOM];
  *cap = sizeof last_resort[0];
}

static struct weir_record *begin(const char *id, const char *certainty, const char *format,
                                 va_list args, enum how how) {
  struct weir_io_signals signals;
  weir_io_signals_block(&signals);
  if (how != HOW_TRY) {
    weir_lock_acquire(&record_lock);
  } else if (!weir_lock_try(&record_lock)) {
    weir_io_signals_restore(&signals);
    return NULL;
  }
  struct weir_record *r = &record;
  r->signals = signals;
  r->how = how;
  r->n_objects = 0;
  r->t.len = 0;
  map_once(&r->j.buf, &r->j.cap, JSON_ROOM);
  map_once(&r->t.buf, &r->t.cap, TEXT_ROOM);
  weir_json_init(&r->j, r->j.buf, r->j.cap - 1); // room for the newline
  weir_modules_snapshot();
  char message[1024];
  vsnprintf(message, sizeof message, format, args);
  struct weir_json *j = &r->j;
  weir_json_open(j, NULL, '{');
  weir_json_text(j, "schema", "weir.finding/1");
  weir_json_text(j, "id", id);
  weir_json_text(j, "certainty", certainty);
  weir_json_text(j, "message", message);
  weir_json_int(j, "pid", weir_io_pid());
  weir_json_int(j, "seq", (int64_t)++sequence);
  put_time(j);
  put_program(j);
  if (how == HOW_DUMP)
    say(&r->t, "%s\n\n", message);
  else
    say(&r->t, "==================\nWEIR: %s: %s\n  [%s]\n\n", id, message, certainty);
  return r;
}

struct weir_record *weir_record_begin(enum weir_finding_id id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, kinds[id].certainty, format, args, HOW_FINDING);
  va_end(args);
  return r;
}

struct weir_record *weir_record_try_begin(enum weir_finding_id id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, kinds[id].certainty, format, args, HOW_TRY);
  va_end(args);
  return r;
}

struct weir_record *weir_record_begin_dump(const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin("goroutine-dump", "observed", format, args, HOW_DUMP);
  va_end(args);
  return r;
}

static const char *kind_text(enum weir_object_kind kind) {
  static const char *const text[] = {"", "channel", "mutex", "wait group", "timer", "fd"};
  return (size_t)kind < sizeof text / sizeof *text ? text[kind] : "";
}

static void put_channel(struct weir_record *r, const struct weir_object_desc *d) {
  struct weir_json *j = &r->j;
  weir_json_int(j, "len", (int64_t)d->len);
  weir_json_int(j, "cap", (int64_t)d->cap);
  weir_json_int(j, "elem_size", (int64_t)d->elem_size);
  weir_json_bool(j, "closed", d->closed);
  if (d->closed_by) weir_json_int(j, "closed_by", (int64_t)d->closed_by);
  if (d->closed_pc) put_frame(r, "closed_at", (uintptr_t)d->closed_pc);
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
  weir_json_text(j, "kind", kind_text(d->kind));
  weir_json_text(j, "name", name);
  weir_json_address(j, "address", (uintptr_t)d->address);
  put_site(j, d->site ? d->site : use);
  if (d->kind == WEIR_OBJ_CHAN) put_channel(r, d);
  if (d->kind == WEIR_OBJ_WAIT_GROUP) weir_json_int(j, "len", (int64_t)d->len);
  if (d->owner_goid) weir_json_int(j, "owner", (int64_t)d->owner_goid);
  if (d->owner_pc) put_frame(r, "owner_at", (uintptr_t)d->owner_pc);
  weir_json_close(j, '}');
  say(&r->t, "%s%s %s at %p", i ? "" : "\n", kind_text(d->kind), name[0] ? name : "(no name)",
      d->address);
  const struct weir_site *site = d->site ? d->site : use;
  if (site) say(&r->t, ", %s:%u", site->file, (unsigned)site->line);
  say(&r->t, "\n");
}

static void put_modules(struct weir_json *j) {
  weir_json_open(j, "modules", '[');
  for (size_t i = 0; i < weir_modules_used(); i++) {
    const struct weir_module *m = weir_modules_at(i);
    char hex[2 * sizeof m->build_id + 1];
    for (unsigned b = 0; b < m->build_id_len; b++)
      snprintf(hex + 2 * b, 3, "%02x", m->build_id[b]);
    hex[2 * m->build_id_len] = 0;
    weir_json_open(j, NULL, '{');
    weir_json_text(j, "path", m->path);
    weir_json_text(j, "build_id", hex);
    weir_json_address(j, "base", m->base);
    weir_json_close(j, '}');
  }
  weir_json_close(j, ']');
}

// Closes the JSON line and the text. False: it did not fit.
static bool complete(struct weir_record *r) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "objects", '[');
  for (size_t i = 0; i < r->n_objects; i++)
    put_object(r, i);
  weir_json_close(j, ']');
  put_modules(j);
  weir_json_null(j, "trace");
  weir_json_close(j, '}');
  WEIR_CHECK(j->depth == 0);
  if (!j->full) j->buf[j->len++] = '\n';
  return !j->full;
}

static void say_how_to_render(struct weir_record *r) {
  say(&r->t, "\nWithout the reporter, functions have no names. With names: put `weir` on PATH or\n"
             "set WEIR_OPTIONS=reporter=/path/to/weir and run again");
  if (weir_flags.log_path[0])
    say(&r->t, ", or: weir report show %s.%d", weir_flags.log_path, weir_io_pid());
  say(&r->t, "\n==================\n");
}

static void release(struct weir_record *r) {
  struct weir_io_signals signals = r->signals;
  enum how how = r->how;
  weir_lock_release(&record_lock);
  weir_io_signals_restore(&signals);
  if (how != HOW_TRY) weir_race_flush(); // what was found meanwhile and could not wait
}

bool weir_record_end(struct weir_record *r) {
  bool fits = complete(r);
  if (!fits) weir_warn("a finding is too large for its record; it is shortened to its text");
  say_how_to_render(r);
  weir_sink_write(r->j.buf, fits ? r->j.len : 0, r->t.buf, r->t.len);
  atomic_fetch_add_explicit(&sent, 1, memory_order_relaxed);
  release(r);
  return weir_flags.halt_on_error;
}

void weir_record_abandon(struct weir_record *r) {
  sequence--;
  release(r);
}

int weir_record_end_on(struct weir_record *r, int fd) {
  bool fits = complete(r);
  say_how_to_render(r);
  int err = weir_sink_render(fd, r->j.buf, fits ? r->j.len : 0, r->t.buf, r->t.len);
  release(r);
  return err;
}

// --- goroutines ------------------------------------------------------------------------

void weir_record_goroutines_open(struct weir_record *r) {
  weir_json_open(&r->j, "goroutines", '[');
}
void weir_record_goroutines_close(struct weir_record *r) {
  weir_json_close(&r->j, ']');
}

int weir_record_object(struct weir_record *r, const struct weir_object_desc *d,
                       const struct weir_site *use) {
  for (size_t i = 0; i < r->n_objects; i++)
    if (r->objects[i].d.address == d->address && r->objects[i].d.kind == d->kind) return (int)i;
  if (r->n_objects == OBJECTS_MAX) return -1;
  r->objects[r->n_objects].d = *d;
  r->objects[r->n_objects].use = use;
  return (int)r->n_objects++;
}

static bool readable(const void *p, size_t n) {
  char copy[64];
  return !p || (n <= sizeof copy && weir_mem_peek(copy, p, n));
}

// A mutex that a goroutine held at an access may be gone by now, and its memory another's.
static bool looks_like_a_mutex(const void *object) {
  weir_mutex m;
  if (!weir_mem_peek(&m, object, sizeof m)) return false;
  struct weir_site site = {0};
  if (!readable(m.owner, 8) || (m.site && !weir_mem_peek(&site, m.site, sizeof site))) return false;
  return readable(site.name, 1) && readable(site.func, 1) && readable(site.file, 1);
}

int weir_record_object_at(struct weir_record *r, enum weir_object_kind kind, const void *object) {
  if (kind == WEIR_OBJ_NONE || !object || !readable(object, 1)) return -1;
  if (kind == WEIR_OBJ_MUTEX && !looks_like_a_mutex(object)) return -1;
  struct weir_object_desc d = {0};
  weir_object_describe(kind, object, &d);
  return weir_record_object(r, &d, NULL);
}

static const char *state_text(const struct weir_record_goroutine *g) {
  if (g->finished) return "finished";
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

static void put_holds(struct weir_record *r, const struct weir_g_view *v) {
  if (!v->held_count) return;
  weir_json_open(&r->j, "holds", '[');
  for (unsigned i = 0; i < v->held_count && i < WEIR_HELD_MAX; i++) {
    int object = weir_record_object_at(r, WEIR_OBJ_MUTEX, v->held[i].mutex);
    if (object < 0) continue;
    weir_json_open(&r->j, NULL, '{');
    weir_json_int(&r->j, "object", object);
    put_frame(r, "at", (uintptr_t)v->held[i].pc);
    weir_json_close(&r->j, '}');
  }
  weir_json_close(&r->j, ']');
}

static void put_creation(struct weir_record *r, const struct weir_g_view *v) {
  if (!v->parent) return;
  size_t n = 0;
  while (n < WEIR_CREATION_FRAMES && v->creation[n])
    n++;
  say(&r->t, "created by goroutine %lu\n", (unsigned long)v->parent);
  weir_json_open(&r->j, "created_by", '{');
  weir_json_int(&r->j, "id", (int64_t)v->parent);
  put_stack(r, "stack", v->creation, n);
  weir_json_close(&r->j, '}');
}

void weir_record_goroutine(struct weir_record *r, const struct weir_record_goroutine *g) {
  const struct weir_g_view *v = g->view;
  struct weir_json *j = &r->j;
  const char *state = state_text(g);
  bool waits = !g->finished && v->op != WEIR_WAIT_NONE;
  weir_json_open(j, NULL, '{');
  weir_json_int(j, "id", (int64_t)v->id);
  weir_json_text(j, "name", v->name);
  weir_json_text(j, "state", state);
  weir_json_int(j, "count", (int64_t)g->count);
  if (v->thread) weir_json_bool(j, "thread", true);
  say(&r->t, "goroutine %lu [%s]:", (unsigned long)v->id, waits ? weir_wait_op_text(v->op) : state);
  if (g->count > 1) say(&r->t, " (%lu alike)", g->count);
  say(&r->t, "\n");
  if (waits) {
    weir_json_text(j, "op", weir_wait_op_text(v->op));
    int64_t since = v->state == WEIR_G_WAITING ? weir_clock_now() - v->since : 0;
    weir_json_int(j, "since_ns", since > 0 ? since : 0);
    put_waits(r, v);
  }
  put_holds(r, v);
  put_stack(r, "stack", g->stack, g->frames);
  put_creation(r, v);
  weir_json_close(j, '}');
  say(&r->t, "\n");
}

void weir_record_present_goroutine(struct weir_record *r, const struct weir_g_view *view,
                                   unsigned long count) {
  uintptr_t pcs[WEIR_STACK_MAX];
  bool self = view->g == weir_inspect_self();
  size_t n = weir_inspect_stack(view->g, self ? view->api_pc : NULL, pcs, WEIR_STACK_MAX);
  struct weir_record_goroutine g = {view, false, count, pcs,
                                    n < WEIR_STACK_MAX ? n : WEIR_STACK_MAX};
  weir_record_goroutine(r, &g);
}

// --- the evidence of single detectors -------------------------------------------------------

void weir_record_cycle(struct weir_record *r, const struct weir_cycle_step *steps, size_t n) {
  weir_json_open(&r->j, "cycle", '[');
  for (size_t i = 0; i < n; i++) {
    weir_json_open(&r->j, NULL, '{');
    weir_json_int(&r->j, "goroutine", (int64_t)steps[i].goroutine);
    if (steps[i].object >= 0) weir_json_int(&r->j, "object", steps[i].object);
    weir_json_close(&r->j, '}');
  }
  weir_json_close(&r->j, ']');
}

void weir_record_accesses(struct weir_record *r, const struct weir_access *a, size_t n) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "accesses", '[');
  for (size_t i = 0; i < n; i++, a++) {
    weir_json_open(j, NULL, '{');
    weir_json_int(j, "goroutine", (int64_t)a->goroutine);
    if (a->thread) weir_json_bool(j, "thread", true);
    weir_json_bool(j, "write", a->write);
    weir_json_bool(j, "atomic", a->atomic);
    weir_json_int(j, "size", a->size);
    weir_json_address(j, "address", a->address);
    weir_json_open(j, "holds", '[');
    for (size_t h = 0; h < a->n_holds; h++)
      weir_json_int(j, NULL, a->holds[h]);
    weir_json_close(j, ']');
    say(&r->t, "%s%s%s of %d bytes at 0x%lx by %s %lu:\n", i ? "previous " : "",
        a->atomic ? "atomic " : "", a->write ? "write" : "read", a->size, (unsigned long)a->address,
        a->thread ? "thread" : "goroutine", (unsigned long)a->goroutine);
    put_stack(r, "stack", a->stack, a->frames);
    weir_json_close(j, '}');
    say(&r->t, "\n");
  }
  weir_json_close(j, ']');
}

void weir_record_location(struct weir_record *r, const struct weir_location *l) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "location", '{');
  weir_json_text(j, "kind", l->kind);
  weir_json_address(j, "address", l->address);
  if (l->size) weir_json_int(j, "size", (int64_t)l->size);
  const struct weir_module *m = weir_modules_find(l->address);
  if (m) {
    weir_json_int(j, "module", m->index);
    weir_json_int(j, "offset", (int64_t)(l->address - m->base));
  }
  if (l->goroutine) weir_json_int(j, "goroutine", (int64_t)l->goroutine);
  say(&r->t, "location: %s at 0x%lx\n", l->kind, (unsigned long)l->address);
  if (l->frames) put_stack(r, "stack", l->stack, l->frames);
  weir_json_close(j, '}');
}

void weir_record_other(struct weir_record *r, const char *what, uint64_t goid, const void *pc) {
  weir_json_open(&r->j, "other", '{');
  weir_json_int(&r->j, "goroutine", (int64_t)goid);
  weir_json_text(&r->j, "what", what);
  say(&r->t, "%s goroutine %lu\n", what, (unsigned long)goid);
  if (pc) {
    put_frame(r, "at", (uintptr_t)pc);
    say_frame(r, (uintptr_t)pc);
  }
  weir_json_close(&r->j, '}');
}
