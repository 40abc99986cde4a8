// SPDX-License-Identifier: Apache-2.0
//
// The events as lines of text, in the order of time: for grep, and for who wants to see exactly
// what was recorded.
#include <stdio.h>

#include "trace/export.h"

static void goroutine(struct weir_trace_out *o, uint64_t goid, const char *name) {
  struct weir_buf safe = {0};
  if (!goid) {
    weir_out_text(o, "a timer");
    return;
  }
  weir_out_text(o, "goroutine ");
  weir_out_number(o, goid);
  if (!name || !*name) return;
  weir_buf_add_safe(&safe, name, __builtin_strlen(name));
  weir_out_text(o, " (");
  weir_out_text(o, safe.data);
  weir_out_text(o, ")");
  weir_buf_free(&safe);
}

static void when(struct weir_trace_out *o, int64_t ns) {
  char text[40];
  int n = snprintf(text, sizeof text, "%6lld.%09lld ", (long long)(ns / 1000000000),
                   (long long)(ns % 1000000000));
  weir_out_add(o, text, (size_t)n);
}

static void on(struct weir_trace_export *e, uint64_t object, uint64_t pc) {
  const char *name = weir_trace_object_name(e->names, object);
  const struct weir_trace_spot *spot = weir_trace_spot(e->names, pc);
  if (*name) {
    weir_out_text(e->out, " ");
    weir_out_text(e->out, name);
  }
  if (!spot) return;
  weir_out_text(e->out, ", ");
  weir_out_text(e->out, spot->at);
}

static void tell(struct weir_trace_export *e, const struct weir_trace_item *i) {
  struct weir_trace_out *o = e->out;
  switch (i->op) {
  case WEIR_TRACE_GO:
    weir_out_text(o, " started ");
    goroutine(o, i->where, NULL);
    on(e, 0, i->what);
    break;
  case WEIR_TRACE_START:
    weir_out_text(o, " begins");
    break;
  case WEIR_TRACE_END:
    weir_out_text(o, " ends");
    break;
  case WEIR_TRACE_BLOCK:
    weir_out_text(o, " waits: ");
    weir_out_text(o, weir_trace_wait_text(e->trace, i->argument));
    on(e, i->what, i->where);
    break;
  case WEIR_TRACE_WAKE:
    weir_out_text(o, i->where == i->goid ? " waits no more" : " is woken by ");
    if (i->where != i->goid) {
      if (i->where)
        goroutine(o, i->where, NULL);
      else
        weir_out_text(o, "the clock or the world");
    }
    break;
  default:
    weir_out_text(o, " ");
    weir_out_text(o, weir_trace_sync_text(e->trace, i->op - WEIR_TRACE_CALL));
    on(e, i->what, i->where);
  }
  weir_out_text(o, "\n");
}

static void event(void *arg, struct weir_actor *who, const struct weir_trace_item *i) {
  struct weir_trace_export *e = arg;
  bool named = i->op == WEIR_TRACE_NAME || i->op == WEIR_TRACE_NAME2;
  bool unknown = i->op < WEIR_TRACE_CALL && i->op > WEIR_TRACE_RUN;
  if (named || unknown) return;
  when(e->out, i->ns);
  goroutine(e->out, i->goid, who ? who->name : "");
  tell(e, i);
}

int weir_trace_list(struct weir_trace_export *e) {
  struct weir_player p = {.event = event, .progress = e->progress, .arg = e, .part = e->part};
  weir_trace_play(e->trace, e->names, &p);
  return weir_out_flush(e->out);
}
