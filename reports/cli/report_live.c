// SPDX-License-Identifier: Apache-2.0
//
// The reporter beside a running program: one record in on standard input, one text out
// on standard error, with one write each, until the program closes its end.
//
// It must outlive the program's troubles. Ctrl-C and Ctrl-\ go to the whole
// foreground group, but the program's last records are still to come, so the signals are
// ignored; so is SIGPIPE, and where standard error is gone the input is still read to
// its end, since the program waits for that. A finding seen again is not printed
// again, only counted, and the count is given at the end.
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

struct seen { // what is left of a finding once it is printed
  char fingerprint[17];
  char *summary;
  uint64_t count;
};

struct live {
  bool color;
  struct seen *seen;
  size_t count, room;
};

static void write_error(struct weir_buf *b) {
  if (b->len) (void)weir_write_all(STDERR_FILENO, b->data, b->len);
  weir_buf_free(b);
}

static bool seen_before(struct live *l, const struct weir_finding *f) {
  for (size_t i = 0; i < l->count; i++)
    if (!strcmp(l->seen[i].fingerprint, f->fingerprint)) {
      l->seen[i].count++;
      return true;
    }
  return false;
}

static void remember(struct live *l, const struct weir_finding *f) {
  if (l->count == l->room) {
    l->room = l->room ? 2 * l->room : 16;
    l->seen = weir_xrealloc(l->seen, l->room * sizeof *l->seen);
  }
  struct seen *s = &l->seen[l->count++];
  struct weir_buf line = {0};
  weir_render_list_line(f, false, &line);
  snprintf(s->fingerprint, sizeof s->fingerprint, "%s", f->fingerprint);
  s->summary = line.data;
  s->count = 1;
}

static void print_finding(struct weir_finding *f, void *arg) {
  struct live *l = arg;
  struct weir_buf out = {0};
  bool dump = weir_finding_is_dump(f);
  if (dump || !seen_before(l, f)) {
    weir_render_text(f, l->color, &out);
    write_error(&out);
    if (!dump) remember(l, f);
  }
  weir_finding_free(f);
}

static void print_repeats(struct live *l) {
  struct weir_buf out = {0};
  for (size_t i = 0; i < l->count; i++) {
    if (l->seen[i].count > 1)
      weir_buf_printf(&out, "weir: seen %llu times: %s", (unsigned long long)l->seen[i].count,
                      l->seen[i].summary);
    free(l->seen[i].summary);
  }
  write_error(&out);
  free(l->seen);
}

static void ignore_signals(void) {
  static const int signals[] = {SIGPIPE, SIGINT, SIGQUIT, SIGHUP};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], SIG_IGN);
}

int weir_report_live(enum weir_color color) {
  ignore_signals();
  struct live l = {.color = weir_color_wanted(color, STDERR_FILENO)};
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct weir_read_stats stats = {0};
  int error = weir_read_findings(stdin, symbolizer, print_finding, &l, &stats);
  print_repeats(&l);
  weir_report_damage("records from the program", &stats);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return error ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN;
}
