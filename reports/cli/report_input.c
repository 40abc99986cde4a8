// SPDX-License-Identifier: Apache-2.0
//
// What `weir report` reads: the files, less what suppressions, filters and a baseline take away.
// A file that is damaged in part is read as far as it goes, with a warning. Of a folder all files
// are read that are not hidden; one that holds no finding is passed over.
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/exit.h"
#include "cli/report.h"
#include "model/reader.h"
#include "model/symbolize.h"

struct input {
  struct weir_sift *sift; // NULL: nothing is suppressed
  const struct weir_pick *pick;
  struct weir_collection *all;
};

static void collect(struct weir_finding *f, void *arg) {
  struct input *in = arg;
  char *by = NULL;
  bool hidden = in->sift && weir_sift_hides(in->sift, f, &by);
  free(by);
  if (hidden || !weir_pick_wants(in->pick, f))
    weir_finding_free(f);
  else
    weir_collection_add(in->all, f);
}

static void count_seen(const struct weir_seen_note *note, void *arg) {
  struct input *in = arg;
  weir_collection_seen(in->all, note);
}

void weir_report_problem(const char *file, const char *what) {
  struct weir_buf b = {0};
  weir_buf_add(&b, "weir report: ");
  weir_buf_add_safe(&b, file, strlen(file));
  weir_buf_printf(&b, ": %s\n", what);
  fputs(b.data, stderr);
  weir_buf_free(&b);
}

static const char *plural(size_t n) {
  return n == 1 ? "" : "s";
}

void weir_report_damage(const char *file, const struct weir_read_stats *s) {
  char what[160];
  if (s->foreign) {
    snprintf(what, sizeof what, "warning: skipped %zu line%s that %s no finding", s->foreign,
             plural(s->foreign), s->foreign == 1 ? "is" : "are");
    weir_report_problem(file, what);
  }
  if (s->truncated)
    weir_report_problem(file,
                        "warning: the last line is cut off (the program died while it wrote); "
                        "all before it is shown");
}

static int read_file(const char *file, bool may_be_foreign, struct weir_symbolizer *symbolizer,
                     struct input *to) {
  struct weir_reader reader = {.finding = collect, .seen = count_seen, .arg = to};
  bool standard = !strcmp(file, "-");
  const char *shown = standard ? "standard input" : file;
  FILE *in = standard ? stdin : fopen(file, "re");
  struct weir_read_stats stats = {0};
  int error = in ? weir_read_findings(in, symbolizer, &reader, &stats) : -errno;
  if (in && !standard) fclose(in);
  if (error) {
    char what[200];
    snprintf(what, sizeof what, "%s", strerror(-error));
    weir_report_problem(shown, what);
    return WEIR_EXIT_FAILED;
  }
  if (stats.lines > stats.notes && !stats.findings) {
    if (may_be_foreign) return WEIR_EXIT_CLEAN;
    weir_report_problem(shown, "holds no finding: it is damaged or no report file; give a file "
                               "that `weir run` kept in .weir/ or that log_path names");
    return WEIR_EXIT_FAILED;
  }
  weir_report_damage(shown, &stats);
  return WEIR_EXIT_CLEAN;
}

static int is_visible(const struct dirent *e) {
  return e->d_name[0] != '.' && (e->d_type == DT_REG || e->d_type == DT_UNKNOWN);
}

static int read_folder(const char *folder, struct weir_symbolizer *symbolizer, struct input *to) {
  struct dirent **entries = NULL;
  int status = WEIR_EXIT_CLEAN, n = scandir(folder, &entries, is_visible, alphasort);
  if (n < 0) {
    weir_report_problem(folder, strerror(errno));
    return WEIR_EXIT_FAILED;
  }
  for (int i = 0; i < n; i++) {
    struct weir_buf path = {0};
    weir_buf_printf(&path, "%s/%s", folder, entries[i]->d_name);
    int one = read_file(path.data, true, symbolizer, to);
    if (one) status = one;
    weir_buf_free(&path);
    free(entries[i]);
  }
  free(entries);
  return status;
}

static int read_all(char **files, size_t n, struct weir_symbolizer *symbolizer, struct input *to) {
  int status = WEIR_EXIT_CLEAN;
  for (size_t i = 0; i < n; i++) {
    struct stat st;
    bool folder = stat(files[i], &st) == 0 && S_ISDIR(st.st_mode);
    int one =
        folder ? read_folder(files[i], symbolizer, to) : read_file(files[i], false, symbolizer, to);
    if (one) status = one;
  }
  return status;
}

int weir_report_read(struct weir_report_options *o, struct weir_symbolizer *symbolizer,
                     struct weir_report_input *to) {
  struct input before = {.pick = &o->pick, .all = &to->before};
  struct input now = {&o->sift, &o->pick, &to->now};
  int old = read_all(o->baselines, o->baseline_count, symbolizer, &before);
  if (old) return old; // everything would seem new
  int status = read_all(o->files, o->file_count, symbolizer, &now);
  for (size_t i = 0; i < to->now.count && o->baseline_count; i++) {
    struct weir_finding *f = to->now.at[i];
    f->baseline = weir_collection_find(&to->before, f) ? "unchanged" : "new";
  }
  return status;
}

void weir_report_input_free(struct weir_report_input *in) {
  weir_collection_free(&in->before);
  weir_collection_free(&in->now);
}
