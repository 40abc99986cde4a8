// SPDX-License-Identifier: Apache-2.0
//
// The reporter beside a running program: one record in on standard input, one text out
// on standard error, with one write each, until the program closes its end.
//
// It must outlive the program's troubles. Ctrl-C and Ctrl-\ go to the whole
// foreground group, but the program's last records are still to come, so the signals are
// ignored; so is SIGPIPE, and where standard error is gone the input is still read to
// its end, since the program waits for that. A finding seen again is not printed
// again, only counted, and the count is given at the end. One that a suppression hides is
// not printed at all; where the program asks, it is told of each record what became of it.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/report.h"
#include "model/symbolize.h"
#include "render/source.h"

enum { VERDICT_MAX = 4096 };

struct seen { // what is left of a finding once it is printed
  char fingerprint[17];
  bool at_least; // some were not told
  char *summary;
  uint64_t count;
};

struct record { // which of them a record was
  int64_t seq;
  size_t seen;
};

struct live {
  bool color, verdicts;
  struct weir_sift *sift;
  struct seen *seen;
  size_t count, room;
  struct record *records;
  size_t record_count, record_room;
};

static void write_error(struct weir_buf *b) {
  if (b->len) (void)weir_write_all(STDERR_FILENO, b->data, b->len);
  weir_buf_free(b);
}

static void refer(struct live *l, const struct weir_finding *f, size_t seen) {
  if (l->record_count == l->record_room) {
    l->record_room = l->record_room ? 2 * l->record_room : 16;
    l->records = weir_xrealloc(l->records, l->record_room * sizeof *l->records);
  }
  l->records[l->record_count++] = (struct record){f->seq, seen};
}

static bool seen_before(struct live *l, const struct weir_finding *f) {
  for (size_t i = 0; i < l->count; i++)
    if (!strcmp(l->seen[i].fingerprint, f->fingerprint)) {
      l->seen[i].count++;
      refer(l, f, i);
      return true;
    }
  return false;
}

static void remember(struct live *l, const struct weir_finding *f) {
  if (l->count == l->room) {
    l->room = l->room ? 2 * l->room : 16;
    l->seen = weir_xrealloc(l->seen, l->room * sizeof *l->seen);
  }
  refer(l, f, l->count);
  struct seen *s = &l->seen[l->count++];
  struct weir_buf line = {0};
  weir_render_list_line(f, false, &line);
  snprintf(s->fingerprint, sizeof s->fingerprint, "%s", f->fingerprint);
  s->at_least = f->access_count > 0;
  s->summary = line.data;
  s->count = 1;
}

// One line: what hides the record, as JSON text, or nothing.
static void answer(const struct live *l, const char *by) {
  if (!l->verdicts) return;
  json_t *name = by ? json_string(by) : NULL; // NULL too if it is no UTF-8
  char *text = name ? json_dumps(name, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : NULL;
  json_decref(name);
  if (by && (!text || strlen(text) > VERDICT_MAX)) {
    free(text);
    text = weir_xstrdup("\"a file whose name cannot be said\"");
  }
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s\n", text ? text : "");
  (void)weir_write_all(STDIN_FILENO, b.data, b.len);
  weir_buf_free(&b);
  free(text);
}

static void answer_other(void *arg) {
  answer(arg, NULL);
}

static void count_seen(const struct weir_seen_note *note, void *arg) {
  struct live *l = arg;
  for (size_t i = 0; i < l->record_count; i++)
    if (l->records[i].seq == note->seq) l->seen[l->records[i].seen].count += note->more;
}

static void print_finding(struct weir_finding *f, void *arg) {
  struct live *l = arg;
  struct weir_buf out = {0};
  char *by;
  if (weir_sift_hides(l->sift, f, &by)) {
    answer(l, by);
    free(by);
    weir_finding_free(f);
    return;
  }
  bool dump = weir_finding_is_dump(f);
  if (dump || !seen_before(l, f)) {
    weir_render_text(f, l->color, &out);
    write_error(&out);
    if (!dump) remember(l, f);
  }
  answer(l, NULL);
  weir_finding_free(f);
}

static void print_repeats(struct live *l) {
  struct weir_buf out = {0};
  for (size_t i = 0; i < l->count; i++) {
    if (l->seen[i].count > 1)
      weir_buf_printf(&out, "weir: seen %s%llu times: %s", l->seen[i].at_least ? "at least " : "",
                      (unsigned long long)l->seen[i].count, l->seen[i].summary);
    free(l->seen[i].summary);
  }
  write_error(&out);
  free(l->seen);
  free(l->records);
}

static void ignore_signals(void) {
  static const int signals[] = {SIGPIPE, SIGINT, SIGQUIT, SIGHUP};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], SIG_IGN);
}

int weir_report_live(enum weir_color color, struct weir_sift *sift, bool verdicts) {
  ignore_signals();
  struct live l = {
      .color = weir_color_wanted(color, STDERR_FILENO), .verdicts = verdicts, .sift = sift};
  struct weir_reader reader = {print_finding, count_seen, answer_other, &l};
  struct weir_buf said = {0};
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct weir_read_stats stats = {0};
  int error = weir_read_findings(stdin, symbolizer, &reader, &stats);
  print_repeats(&l);
  weir_sift_say(sift, &said);
  write_error(&said);
  if (verdicts && sift->rules.problems) (void)weir_write_all(STDIN_FILENO, "!\n", 2);
  weir_report_damage("records from the program", &stats);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return error ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN;
}
