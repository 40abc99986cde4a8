// SPDX-License-Identifier: Apache-2.0
//
// What a person asks first: where goroutines waited longest and who let them go on, who has run,
// how busy the workers were, and who still waits at the end. As many rows as fit a screen; memory
// is for the calls and names of the program, whatever the length of the trace.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/export.h"

enum { GROUPS = 8192, NAMES = 4096, WAKERS = 4, ROWS = 12, LANES = 1025 };

struct waker {
  uint64_t pc;
  unsigned op;
  uint64_t times;
};

struct group { // waits of one kind at one call for one object's name
  unsigned wait;
  const char *object, *at;
  uint64_t times, still, longest_goid;
  int64_t total, longest;
  struct waker wakers[WAKERS]; // the first that were met
  uint64_t others;
};

struct runner { // goroutines of one name
  char name[33];
  uint64_t goroutines;
  int64_t ran, waited, was_ready;
};

struct summary {
  struct weir_trace_export *e;
  struct group groups[GROUPS]; // hashed
  struct runner runners[NAMES];
  struct group *sorted[GROUPS];
  struct runner *sorted_runners[NAMES];
  int64_t busy[LANES];
};

static uint64_t mix(uint64_t hash, uint64_t value) {
  return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t mix_text(uint64_t hash, const char *text) {
  for (; *text; text++)
    hash = mix(hash, (unsigned char)*text);
  return hash;
}

// A full table has one entry for all the rest.
static struct group *group_of(struct summary *s, const struct weir_actor *who) {
  const char *object = weir_trace_object_name(s->e->names, who->object);
  const struct weir_trace_spot *spot = weir_trace_spot(s->e->names, who->pc);
  const char *at = spot ? spot->at : ""; // one line of the source may be several calls
  uint64_t hash = mix_text(mix_text(mix(0, who->wait), at), object);
  for (size_t i = 0; i < GROUPS; i++) {
    struct group *g = &s->groups[((hash >> 32) + i) % GROUPS];
    if (!g->times) {
      g->wait = who->wait;
      g->at = at;
      g->object = object;
    }
    if (g->wait == who->wait && !strcmp(g->at, at) && !strcmp(g->object, object)) return g;
  }
  return &s->groups[0];
}

static struct runner *runner_of(struct summary *s, const char *name) {
  uint64_t hash = mix_text(0, name);
  for (size_t i = 0; i < NAMES; i++) {
    struct runner *r = &s->runners[((hash >> 32) + i) % NAMES];
    if (!r->goroutines) memcpy(r->name, name, sizeof r->name);
    if (!strcmp(r->name, name)) return r;
  }
  return &s->runners[0];
}

static void count_waker(struct group *g, const struct weir_actor *who) {
  if (!who->waker) {
    g->others++;
    return;
  }
  for (int i = 0; i < WAKERS; i++) {
    struct waker *w = &g->wakers[i];
    if (w->times && (w->pc != who->waker_pc || w->op != who->waker_op)) continue;
    w->pc = who->waker_pc;
    w->op = who->waker_op;
    w->times++;
    return;
  }
  g->others++;
}

static void add_wait(struct summary *s, const struct weir_actor *who,
                     const struct weir_span *span) {
  struct group *g = group_of(s, who);
  int64_t ns = span->to - span->from;
  g->times++;
  g->total += ns;
  if (ns > g->longest) {
    g->longest = ns;
    g->longest_goid = who->goid;
  }
  if (span->open)
    g->still++;
  else
    count_waker(g, who);
}

static void span(void *arg, struct weir_actor *who, const struct weir_span *span) {
  struct summary *s = arg;
  if (span->kind == WEIR_SPAN_WAITS) add_wait(s, who, span);
  if (span->kind == WEIR_SPAN_RUNS) s->busy[who->lane] += span->to - span->from;
}

static void gone(void *arg, const struct weir_actor *who) {
  struct runner *r = runner_of(arg, who->name);
  r->goroutines++;
  r->ran += who->spent[WEIR_SPAN_RUNS];
  r->waited += who->spent[WEIR_SPAN_WAITS];
  r->was_ready += who->spent[WEIR_SPAN_READY];
}

// --- text ------------------------------------------------------------------------------------

static const char *duration(char text[24], int64_t ns) {
  static const struct {
    int64_t ns;
    const char *unit;
  } units[] = {{60000000000, "min"}, {1000000000, "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
  size_t i = 0;
  while (i < 4 && ns < units[i].ns)
    i++;
  double value = (double)ns / (double)units[i].ns;
  snprintf(text, 24, value < 10 && i < 4 ? "%.2f %s" : "%.0f %s", value, units[i].unit);
  return text;
}

static int by_total(const void *a, const void *b) {
  const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
  return x->total < y->total ? 1 : x->total > y->total ? -1 : 0;
}
static int by_ran(const void *a, const void *b) {
  const struct runner *x = *(struct runner *const *)a, *y = *(struct runner *const *)b;
  return x->ran < y->ran ? 1 : x->ran > y->ran ? -1 : 0;
}

static void put_wakers(struct summary *s, const struct group *g, struct weir_buf *b) {
  for (int i = 0; i < WAKERS && g->wakers[i].times; i++) {
    const struct waker *w = &g->wakers[i];
    const struct weir_trace_spot *spot = weir_trace_spot(s->e->names, w->pc);
    const char *did =
        w->op >= WEIR_TRACE_CALL ? weir_trace_sync_text(s->e->trace, w->op - WEIR_TRACE_CALL) : "";
    weir_buf_printf(b, "%43s  ended %llu times by who %s%s%s\n", "", (unsigned long long)w->times,
                    *did ? did : "did something else", spot ? " at " : "", spot ? spot->at : "");
  }
  if (g->others)
    weir_buf_printf(b, "%43s  ended %llu times by the clock, the world or others\n", "",
                    (unsigned long long)g->others);
}

static void put_waits(struct summary *s, struct weir_buf *b) {
  size_t n = 0;
  for (size_t i = 0; i < GROUPS; i++)
    if (s->groups[i].times) s->sorted[n++] = &s->groups[i];
  qsort(s->sorted, n, sizeof *s->sorted, by_total);
  weir_buf_printf(b, "\nWaits, the longest first%s\n\n", n ? "" : ": none");
  if (n)
    weir_buf_printf(b, "  %10s %9s %10s  %6s  what, and where\n", "total", "times", "longest",
                    "still");
  for (size_t i = 0; i < n && i < ROWS; i++) {
    const struct group *g = s->sorted[i];
    const char *wait = weir_trace_wait_text(s->e->trace, g->wait);
    char total[24], longest[24], still[24] = "";
    if (g->still) snprintf(still, sizeof still, "%llu", (unsigned long long)g->still);
    weir_buf_printf(b, "  %10s %9llu %10s  %6s  %s%s%s%s%s\n", duration(total, g->total),
                    (unsigned long long)g->times, duration(longest, g->longest), still, wait,
                    *g->object ? " " : "", g->object, *g->at ? " at " : "", g->at);
    put_wakers(s, g, b);
  }
  if (n > ROWS) weir_buf_printf(b, "  and %zu more\n", n - ROWS);
}

static void put_runners(struct summary *s, struct weir_buf *b) {
  size_t n = 0;
  for (size_t i = 0; i < NAMES; i++)
    if (s->runners[i].goroutines) s->sorted_runners[n++] = &s->runners[i];
  qsort(s->sorted_runners, n, sizeof *s->sorted_runners, by_ran);
  weir_buf_printf(b, "\nGoroutines by name\n\n  %10s %10s %10s %7s  name\n", "ran", "waited",
                  "was ready", "of them");
  for (size_t i = 0; i < n && i < ROWS; i++) {
    const struct runner *r = s->sorted_runners[i];
    char ran[24], waited[24], was_ready[24];
    weir_buf_printf(b, "  %10s %10s %10s %7llu  ", duration(ran, r->ran),
                    duration(waited, r->waited), duration(was_ready, r->was_ready),
                    (unsigned long long)r->goroutines);
    if (*r->name)
      weir_buf_add_safe(b, r->name, strlen(r->name));
    else
      weir_buf_add(b, "(not known)");
    weir_buf_add(b, "\n");
  }
  if (n > ROWS) weir_buf_printf(b, "  and %zu more\n", n - ROWS);
}

static void put_workers(struct summary *s, const struct weir_played *played, struct weir_buf *b) {
  if (played->lanes < 2) return;
  weir_buf_add(b, "\nWorkers\n\n");
  for (unsigned i = 1; i < played->lanes && i < LANES; i++) {
    char busy[24];
    double part = played->length ? 100.0 * (double)s->busy[i] / (double)played->length : 0;
    weir_buf_printf(b, "  worker %-4u ran goroutines for %s (%.0f %%)\n", i,
                    duration(busy, s->busy[i]), part);
  }
}

static void put_head(struct summary *s, const struct weir_played *played, struct weir_buf *b) {
  struct weir_trace_facts f = weir_trace_facts(s->e->trace);
  char length[24];
  weir_buf_add(b, "Trace of ");
  weir_buf_add_safe(b, f.program, strlen(f.program));
  weir_buf_printf(b, " (pid %u): %s, %llu events, %llu goroutines\n", f.pid,
                  duration(length, played->length), (unsigned long long)played->events,
                  (unsigned long long)played->goroutines);
  const struct weir_part *part = &s->e->part;
  if (part->from || part->to)
    weir_buf_printf(b, "Only from %.9f s to %.9f s of the trace.\n", (double)part->from / 1e9,
                    (double)(played->length + part->from) / 1e9);
  if (part->goid) weir_buf_printf(b, "Only goroutine %llu.\n", (unsigned long long)part->goid);
  if (!f.ended) weir_buf_add(b, "The program did not come to its end, or is still running.\n");
  if (f.each)
    weir_buf_printf(b, "Of each goroutine, the newest %u things that it did, and no more.\n",
                    f.each);
  if (f.lost)
    weir_buf_printf(b, "Older events were overwritten (%llu chunks of 2,046); option trace_mb.\n",
                    (unsigned long long)f.lost);
  if (f.dropped) weir_buf_printf(b, "%llu events found no room.\n", (unsigned long long)f.dropped);
  if (f.damaged)
    weir_buf_printf(b, "%llu chunks are damaged and left out.\n", (unsigned long long)f.damaged);
}

int weir_trace_summary(struct weir_trace_export *e) {
  struct summary *s = weir_xmalloc(sizeof *s);
  struct weir_buf b = {0};
  memset(s, 0, sizeof *s);
  s->e = e;
  struct weir_player p = {
      .span = span, .gone = gone, .progress = e->progress, .arg = s, .part = e->part};
  struct weir_played played = weir_trace_play(e->trace, e->names, &p);
  put_head(s, &played, &b);
  put_waits(s, &b);
  put_runners(s, &b);
  put_workers(s, &played, &b);
  weir_out_add(e->out, b.data, b.len);
  weir_buf_free(&b);
  free(s);
  return weir_out_flush(e->out);
}
