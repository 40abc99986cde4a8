// SPDX-License-Identifier: Apache-2.0
//
// The parts of a record that only some detectors have: cycles, accesses, what ordered two
// goroutines, who waits for whom, crashes, doubts. JSON and plain text, as in record.c; order of
// the calls: emit.h. Under the record's lock.
#include "detect/record.h"

#include <string.h>

#include "detect/groups.h"
#include "detect/modules.h"
#include "hb/order.h"

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

void weir_record_wait_for_open(struct weir_record *r) {
  weir_json_open(&r->j, "wait_for", '[');
}
void weir_record_wait_for_close(struct weir_record *r) {
  weir_json_close(&r->j, ']');
}

void weir_record_wait_for(struct weir_record *r, const struct weir_wait_for *w) {
  struct weir_json *j = &r->j;
  weir_json_open(j, NULL, '{');
  weir_json_int(j, "goroutine", (int64_t)w->goroutine);
  if (w->object >= 0) weir_json_int(j, "object", w->object);
  weir_json_text(j, "how", w->has ? "has" : "reaches");
  weir_json_open(j, "by", '[');
  weir_record_say(r, "goroutine %lu waits for", (unsigned long)w->goroutine);
  for (size_t i = 0; i < w->n_by; i++) {
    weir_json_int(j, NULL, (int64_t)w->by[i]);
    weir_record_say(r, "%s goroutine %lu", i ? " or" : "", (unsigned long)w->by[i]);
  }
  weir_json_close(j, ']');
  if (w->more) weir_json_bool(j, "more", true);
  weir_record_say(r, w->more ? " or others\n" : "\n");
  weir_json_close(j, '}');
}

static void say_access(struct weir_record *r, const struct weir_access *a, bool previous) {
  const char *before = previous ? "previous " : "", *who = a->thread ? "thread" : "goroutine";
  if (a->what)
    weir_record_say(r, "%s%s by %s %lu:\n", before, a->what, who, (unsigned long)a->goroutine);
  else
    weir_record_say(r, "%s%s%s of %d bytes at 0x%lx by %s %lu:\n", before,
                    a->atomic ? "atomic " : "", a->write ? "write" : "read", a->size,
                    (unsigned long)a->address, who, (unsigned long)a->goroutine);
}

void weir_record_accesses(struct weir_record *r, const struct weir_access *a, size_t n) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "accesses", '[');
  for (size_t i = 0; i < n; i++, a++) {
    weir_json_open(j, NULL, '{');
    weir_json_int(j, "goroutine", (int64_t)a->goroutine);
    if (a->thread) weir_json_bool(j, "thread", true);
    if (a->what) weir_json_text(j, "what", a->what);
    weir_json_bool(j, "write", a->write);
    weir_json_bool(j, "atomic", a->atomic);
    weir_json_int(j, "size", a->size);
    weir_json_address(j, "address", a->address);
    weir_json_open(j, "holds", '[');
    for (size_t h = 0; h < a->n_holds; h++)
      weir_json_int(j, NULL, a->holds[h]);
    weir_json_close(j, ']');
    say_access(r, a, i > 0);
    weir_record_mention(r, a->goroutine);
    weir_record_put_stack(r, "stack", a->stack, a->frames);
    weir_json_close(j, '}');
    weir_record_say(r, "\n");
  }
  weir_json_close(j, ']');
}

void weir_record_location(struct weir_record *r, const struct weir_location *l) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "location", '{');
  weir_json_text(j, "kind", l->kind);
  weir_json_address(j, "address", l->address);
  if (l->size) weir_json_int(j, "size", (int64_t)l->size);
  if (strcmp(l->kind, "fd") == 0) weir_json_int(j, "fd", l->fd);
  const struct weir_module *m = weir_modules_find(l->address);
  if (m) {
    weir_json_int(j, "module", m->index);
    weir_json_int(j, "offset", (int64_t)(l->address - m->base));
  }
  if (l->goroutine) weir_json_int(j, "goroutine", (int64_t)l->goroutine);
  if (l->frame_pc) {
    weir_record_put_frame(r, "frame", l->frame_pc);
    weir_json_int(j, "frame_at", l->frame_at);
  }
  weir_record_say(r, "location: %s at 0x%lx\n", l->kind, (unsigned long)l->address);
  if (l->frames) weir_record_put_stack(r, "stack", l->stack, l->frames);
  weir_json_close(j, '}');
}

const char *weir_record_sync_text(unsigned op) {
  static const char *const text[] = {
#define WEIR_SYNC_OP(enumerator, text) text,
#include "base/sync_ops.def"
  };
  return op < WEIR_SYNC_COUNT ? text[op] : text[WEIR_SYNC_OTHER];
}

static void put_sync(struct weir_record *r, const char *key, const struct weir_order_call *c) {
  weir_json_open(&r->j, key, '{');
  weir_json_text(&r->j, "op", weir_record_sync_text(c->op));
  const char *name = c->site && c->site->name ? c->site->name : "";
  if (name[0]) weir_json_text(&r->j, "name", name);
  weir_record_say(r, "%s: %s %s\n", key, weir_record_sync_text(c->op), name);
  if (c->pc && c->op != WEIR_SYNC_START) {
    weir_record_put_frame(r, "at", c->pc);
    weir_record_say_frame(r, c->pc);
  }
  weir_json_close(&r->j, '}');
}

void weir_record_orders(struct weir_record *r, const struct weir_order_path *paths, size_t n) {
  struct weir_json *j = &r->j;
  weir_json_open(j, "order", '[');
  for (const struct weir_order_path *p = paths; p < paths + n; p++) {
    weir_json_open(j, NULL, '{');
    weir_json_int(j, "from", (int64_t)p->from);
    weir_json_int(j, "to", (int64_t)p->to);
    weir_json_bool(j, "complete", p->complete);
    weir_json_open(j, "hops", '[');
    weir_record_say(r, "last synchronisation from goroutine %lu to goroutine %lu%s\n",
                    (unsigned long)p->from, (unsigned long)p->to, p->n_hops ? ":" : ": none");
    for (size_t i = 0; i < p->n_hops; i++) {
      weir_json_open(j, NULL, '{');
      weir_json_int(j, "from", (int64_t)p->hops[i].from);
      weir_json_int(j, "to", (int64_t)p->hops[i].to);
      put_sync(r, "released", &p->hops[i].released);
      put_sync(r, "acquired", &p->hops[i].acquired);
      weir_json_close(j, '}');
    }
    weir_json_close(j, ']');
    weir_json_close(j, '}');
  }
  weir_json_close(j, ']');
}

void weir_record_group_ids(struct weir_record *r, const struct weir_group *group) {
  size_t n = group->count < WEIR_GROUP_IDS ? group->count : WEIR_GROUP_IDS;
  if (n < 2) return;
  weir_json_open(&r->j, "ids", '[');
  weir_record_say(r, "goroutines:");
  for (size_t i = 0; i < n; i++) {
    weir_json_int(&r->j, NULL, (int64_t)group->ids[i]);
    weir_record_say(r, " %lu", (unsigned long)group->ids[i]);
  }
  weir_record_say(r, group->count > n ? " ...\n" : "\n");
  weir_json_close(&r->j, ']');
}

void weir_record_crash(struct weir_record *r, const char *sig, bool has_address,
                       uintptr_t address) {
  weir_json_open(&r->j, "crash", '{');
  weir_json_text(&r->j, "signal", sig);
  if (has_address) weir_json_address(&r->j, "address", address);
  weir_json_close(&r->j, '}');
}

void weir_record_doubt(struct weir_record *r, const char *doubt) {
  weir_json_text(&r->j, "doubt", doubt);
  weir_record_say(r, "not proven: %s\n", doubt);
}

void weir_record_rounds(struct weir_record *r, uint32_t rounds) {
  weir_json_int(&r->j, "rounds", rounds);
}

void weir_record_other(struct weir_record *r, const char *what, uint64_t goid, const uintptr_t *pcs,
                       size_t n) {
  weir_json_open(&r->j, "other", '{');
  weir_json_int(&r->j, "goroutine", (int64_t)goid);
  weir_json_text(&r->j, "what", what);
  weir_record_say(r, "%s goroutine %lu\n", what, (unsigned long)goid);
  if (n) weir_record_put_frame(r, "at", pcs[0]);
  if (n) weir_record_put_stack(r, "stack", pcs, n);
  weir_json_close(&r->j, '}');
}
