// SPDX-License-Identifier: Apache-2.0
//
// What the goroutines of a record did last, out of the flight recorder: the member `events` of
// docs/design/findings.md. Under the record's lock. Objects are not added for it: an event names
// its object itself, and gives its number if the record has it anyhow.
#include "base/trace.h"
#include "detect/record.h"

static const char *kind_text(unsigned op) {
  switch (op) {
  case WEIR_TRACE_GO:
    return "go";
  case WEIR_TRACE_START:
    return "start";
  case WEIR_TRACE_BLOCK:
    return "block";
  case WEIR_TRACE_WAKE:
    return "wake";
  case WEIR_TRACE_END:
    return "end";
  default:
    return "call";
  }
}

static const struct weir_site *site_in(const struct weir_record *r, size_t i) {
  const struct weir_site *site = r->objects[i].d.site;
  return site ? site : r->objects[i].use;
}

static void put_object(struct weir_record *r, const struct weir_trace_last *e) {
  const char *name = e->name;
  if (!e->object) return;
  for (size_t i = 0; i < r->n_objects; i++) {
    if ((uintptr_t)r->objects[i].d.address != e->object) continue;
    const struct weir_site *site = site_in(r, i);
    weir_json_int(&r->j, "object", (int64_t)i);
    if (!name[0] && site && site->name) name = site->name;
    break;
  }
  if (name[0]) weir_json_text(&r->j, "name", name);
  weir_json_address(&r->j, "address", e->object);
}

static void put_event(struct weir_record *r, const struct weir_trace_last *e) {
  struct weir_json *j = &r->j;
  bool calls = e->op >= WEIR_TRACE_CALL;
  weir_json_open(j, NULL, '{');
  weir_json_int(j, "goroutine", (int64_t)e->goid);
  weir_json_int(j, "ns", e->ns);
  weir_json_text(j, "kind", kind_text(e->op));
  if (calls) weir_json_text(j, "op", weir_record_sync_text(e->op - WEIR_TRACE_CALL));
  if (e->op == WEIR_TRACE_BLOCK && e->argument < WEIR_WAIT_OPS)
    weir_json_text(j, "op", weir_wait_op_text((enum weir_wait_op)e->argument));
  put_object(r, e);
  if (e->partner && (e->partner != e->goid || e->op != WEIR_TRACE_WAKE))
    weir_json_int(j, "partner", (int64_t)e->partner);
  if (e->from >= 0) weir_json_int(j, "from", e->from);
  if (e->pc) weir_record_put_frame(r, "at", e->pc);
  weir_json_close(j, '}');
}

void weir_record_put_events(struct weir_record *r) {
  static struct weir_trace_last events[WEIR_TRACE_LAST_MAX]; // the record's lock
  size_t n = weir_trace_last(r->goids, r->n_goids, events);
  if (!n) return;
  weir_json_open(&r->j, "events", '[');
  for (size_t i = 0; i < n; i++)
    put_event(r, &events[i]);
  weir_json_close(&r->j, ']');
}
