// SPDX-License-Identifier: Apache-2.0
//
// The trace as Chrome's trace event JSON, which ui.perfetto.dev and chrome://tracing open: a lane
// for each goroutine with what it did, a lane for each worker with whom it ran, an instant for each
// call, and arrows: from a send to its receive, from who woke somebody to where that one runs.
//
// Spans are written when they end, so in each lane they come in order and do not overlap.
#include <stdio.h>

#include "trace/export.h"

enum { GOROUTINES = 1, WORKERS = 2, LANES = 1025 };

struct writer {
  struct weir_trace_export *e;
  struct weir_trace_out *o;
  bool lane_named[LANES];
};

static void head(struct writer *w, const char *kind, unsigned process, uint64_t lane) {
  weir_out_text(w->o, ",\n{\"ph\":\"");
  weir_out_text(w->o, kind);
  weir_out_text(w->o, "\",\"pid\":");
  weir_out_number(w->o, process);
  weir_out_text(w->o, ",\"tid\":");
  weir_out_number(w->o, lane);
}

static void at(struct writer *w, int64_t ns) {
  weir_out_text(w->o, ",\"ts\":");
  weir_out_us(w->o, ns);
}

static void name_lane(struct writer *w, unsigned process, uint64_t lane, const char *kind,
                      const char *name) {
  struct weir_buf text = {0};
  weir_buf_printf(&text, "%s %llu%s%s%s", kind, (unsigned long long)lane, *name ? " (" : "", name,
                  *name ? ")" : "");
  head(w, "M", process, lane);
  weir_out_text(w->o, ",\"name\":\"thread_name\",\"args\":{\"name\":");
  weir_out_json(w->o, text.data);
  weir_out_text(w->o, "}}");
  head(w, "M", process, lane);
  weir_out_text(w->o, ",\"name\":\"thread_sort_index\",\"args\":{\"sort_index\":");
  weir_out_number(w->o, lane);
  weir_out_text(w->o, "}}");
  weir_buf_free(&text);
}

static void meet(struct writer *w, struct weir_actor *who) {
  if (!who->is_new) return;
  who->is_new = false;
  name_lane(w, GOROUTINES, who->goid, "goroutine", who->name);
}

static void argument(struct writer *w, bool *first, const char *key, const char *value) {
  weir_out_text(w->o, *first ? ",\"args\":{\"" : ",\"");
  weir_out_text(w->o, key);
  weir_out_text(w->o, "\":");
  weir_out_json(w->o, value);
  *first = false;
}

static void place(struct writer *w, bool *first, const char *key, uint64_t pc) {
  const struct weir_trace_spot *spot = weir_trace_spot(w->e->names, pc);
  if (spot) argument(w, first, key, spot->at);
}

static void who_woke(struct writer *w, bool *first, const struct weir_actor *who) {
  char text[40];
  if (!who->waker) return;
  snprintf(text, sizeof text, "goroutine %llu", (unsigned long long)who->waker);
  argument(w, first, "woken by", text);
  place(w, first, "woken at", who->waker_pc);
}

static void two_names(struct writer *w, const char *a, const char *b) {
  struct weir_buf text = {0};
  weir_buf_printf(&text, "%s%s%s", a, *b ? " " : "", b);
  weir_out_text(w->o, ",\"name\":");
  weir_out_json(w->o, text.data);
  weir_buf_free(&text);
}

static void span_head(struct writer *w, unsigned process, uint64_t lane,
                      const struct weir_span *span) {
  head(w, "X", process, lane);
  at(w, span->from);
  weir_out_text(w->o, ",\"dur\":");
  weir_out_us(w->o, span->to - span->from);
}

static void on_worker(struct writer *w, const struct weir_actor *who,
                      const struct weir_span *span) {
  char text[96];
  if (!who->lane) return; // a thread of the program's own
  if (!w->lane_named[who->lane]) name_lane(w, WORKERS, who->lane, "worker", "");
  w->lane_named[who->lane] = true;
  snprintf(text, sizeof text, "goroutine %llu", (unsigned long long)who->goid);
  span_head(w, WORKERS, who->lane, span);
  two_names(w, text, who->name);
  weir_out_text(w->o, "}");
}

static void span(void *arg, struct weir_actor *who, const struct weir_span *span) {
  struct writer *w = arg;
  bool first = true;
  meet(w, who);
  span_head(w, GOROUTINES, who->goid, span);
  if (span->kind == WEIR_SPAN_WAITS) {
    two_names(w, weir_actor_wait(w->e->trace, who),
              weir_trace_object_name(w->e->names, who->object));
    weir_out_text(w->o, ",\"cat\":\"waits\"");
    place(w, &first, "at", who->pc);
    if (span->open)
      argument(w, &first, "ends", "not within the trace");
    else
      who_woke(w, &first, who);
  } else {
    bool runs = span->kind == WEIR_SPAN_RUNS;
    weir_out_text(w->o, runs ? ",\"name\":\"runs\",\"cat\":\"runs\""
                             : ",\"name\":\"ready\",\"cat\":\"ready\"");
  }
  weir_out_text(w->o, first ? "}" : "}}");
  if (span->kind == WEIR_SPAN_RUNS) on_worker(w, who, span);
}

static void event(void *arg, struct weir_actor *who, const struct weir_trace_item *item) {
  struct writer *w = arg;
  bool first = true, go = item->op == WEIR_TRACE_GO;
  if (!who || (item->op < WEIR_TRACE_CALL && !go)) return;
  meet(w, who);
  head(w, "i", GOROUTINES, item->goid);
  at(w, item->ns);
  if (go) {
    char text[40];
    snprintf(text, sizeof text, "goroutine %llu", (unsigned long long)item->where);
    two_names(w, "started", text);
  } else {
    two_names(w, weir_trace_sync_text(w->e->trace, item->op - WEIR_TRACE_CALL),
              weir_trace_object_name(w->e->names, item->what));
  }
  weir_out_text(w->o, ",\"cat\":\"call\",\"s\":\"t\"");
  place(w, &first, "at", go ? item->what : item->where);
  weir_out_text(w->o, first ? "}" : "}}");
}

static void arrow_end(struct writer *w, const struct weir_arrow *a, const char *kind, uint64_t goid,
                      int64_t ns) {
  head(w, kind, GOROUTINES, goid);
  at(w, ns);
  weir_out_text(w->o, ",\"id\":");
  weir_out_number(w->o, a->number);
  weir_out_text(w->o, ",\"cat\":\"arrow\",\"name\":\"");
  weir_out_text(w->o, a->name);
  weir_out_text(w->o, *kind == 'f' ? "\",\"bp\":\"e\"}" : "\"}");
}

static void arrow(void *arg, const struct weir_arrow *a) {
  arrow_end(arg, a, "s", a->from_goid, a->from);
  arrow_end(arg, a, "f", a->to_goid, a->to);
}

static void name_process(struct writer *w, unsigned process, const char *name) {
  head(w, "M", process, 0);
  weir_out_text(w->o, ",\"name\":\"process_name\",\"args\":{\"name\":");
  weir_out_json(w->o, name);
  weir_out_text(w->o, "}}");
}

int weir_trace_perfetto(struct weir_trace_export *e) {
  struct writer w = {.e = e, .o = e->out};
  struct weir_trace_facts facts = weir_trace_facts(e->trace);
  struct weir_player p = {.span = span,
                          .event = event,
                          .arrow = arrow,
                          .progress = e->progress,
                          .arg = &w,
                          .part = e->part};
  weir_out_text(w.o, "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"program\":");
  weir_out_json(w.o, facts.program);
  weir_out_text(w.o, "},\n\"traceEvents\":[\n{\"ph\":\"M\",\"pid\":1,\"tid\":0,\"name\":"
                     "\"process_sort_index\",\"args\":{\"sort_index\":1}}");
  name_process(&w, GOROUTINES, "goroutines");
  name_process(&w, WORKERS, "workers");
  weir_trace_play(e->trace, e->names, &p);
  weir_out_text(w.o, "\n]}\n");
  return weir_out_flush(w.o);
}
