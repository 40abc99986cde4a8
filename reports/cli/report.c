// SPDX-License-Identifier: Apache-2.0
//
// `weir report`: findings from files (or standard input) to one of the forms. Everything is
// rendered into memory first and written in one go, so that a bad input leaves no half-written
// output behind. Findings that suppressions hide are left out, and said to be.
//
// Statuses: 0 rendered (also when there was nothing in it), 66 diff found something new, 2 usage,
// 3 a file could not be read, held no finding at all, or the output could not be written, or a
// line of suppressions could not be used.
#include "cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/verbs.h"
#include "model/symbolize.h"
#include "render/project.h"
#include "render/source.h"

static bool is_machine_form(int form) {
  return form != WEIR_REPORT_SHOW && form != WEIR_REPORT_LIST && form != WEIR_REPORT_DIFF;
}

static bool color_wanted(const struct weir_report_options *o) {
  if (is_machine_form(o->form)) return false;
  if (o->output) return o->color == WEIR_COLOR_ALWAYS;
  return weir_color_wanted(o->color, STDOUT_FILENO);
}

static void render_each(int form, const struct weir_collection *all, bool color,
                        struct weir_buf *out) {
  for (size_t i = 0; i < all->count; i++) {
    if (form == WEIR_REPORT_LIST) {
      weir_render_list_line(all->at[i], color, out);
    } else if (form == WEIR_REPORT_SHOW) {
      if (i) weir_buf_add(out, "\n");
      weir_render_text(all->at[i], color, out);
    } else {
      weir_render_json(all->at[i], out);
    }
  }
  if (!all->count && !is_machine_form(form)) weir_buf_add(out, "No findings.\n");
}

static void say_left_out(size_t n) {
  if (n)
    fprintf(stderr,
            "weir report: %zu finding%s left out, the least severe: code scanning takes 25,000 in "
            "a file, and 10 MB; choose with --kind, --certainty, --file\n",
            n, n == 1 ? "" : "s");
}

static int render(const struct weir_report_options *o, const struct weir_report_input *in,
                  struct weir_buf *out) {
  const struct weir_collection *all = &in->now;
  switch (o->form) {
  case WEIR_REPORT_SUPPRESS:
    return weir_report_suppress(all, &o->suppress, out);
  case WEIR_REPORT_DIFF:
    return weir_report_diff(in, color_wanted(o), out);
  case WEIR_REPORT_HTML:
    weir_render_html(all, o->file_count == 1 ? o->files[0] : "several files", out);
    break;
  case WEIR_REPORT_SARIF:
    say_left_out(weir_render_sarif(all, WEIR_CLI_VERSION, out));
    break;
  case WEIR_REPORT_JUNIT:
    weir_render_junit(all, out);
    break;
  case WEIR_REPORT_GITHUB:
    weir_render_github(all, out);
    break;
  case WEIR_REPORT_GITLAB:
    weir_render_gitlab(all, out);
    break;
  case WEIR_REPORT_MARKDOWN:
    weir_render_markdown(all, out);
    break;
  default:
    render_each(o->form, all, color_wanted(o), out);
  }
  return WEIR_EXIT_CLEAN;
}

static int write_out(const char *file, const struct weir_buf *b) {
  bool standard = !file || !strcmp(file, "-");
  int fd = standard ? STDOUT_FILENO : open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int error = fd < 0 ? -errno : weir_write_all(fd, b->data ? b->data : "", b->len);
  if (fd >= 0 && !standard && close(fd) && !error) error = -errno;
  if (!error) return WEIR_EXIT_CLEAN;
  char what[200];
  snprintf(what, sizeof what, "cannot write it: %s", strerror(-error));
  weir_report_problem(standard ? "standard output" : file, what);
  return WEIR_EXIT_FAILED;
}

// Those of the baseline are marked in SARIF and listed by diff; elsewhere they are not wanted.
static void drop_known(const struct weir_report_options *o, struct weir_report_input *in) {
  if (!o->baseline_count || o->form == WEIR_REPORT_DIFF || o->form == WEIR_REPORT_SARIF) return;
  size_t n = weir_collection_drop(&in->now, &in->before);
  if (n)
    fprintf(stderr, "weir report: %zu finding%s left out that the baseline has\n", n,
            n == 1 ? "" : "s");
}

static int report_files(struct weir_report_options *o) {
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct weir_report_input in = {0};
  struct weir_buf out = {0}, said = {0};
  int status = o->sift.rules.problems ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN;
  int read = weir_report_read(o, symbolizer, &in);
  if (read) status = read;
  if (!status || in.now.count) {
    drop_known(o, &in);
    int made = render(o, &in, &out);
    if (made == WEIR_EXIT_CLEAN || made == WEIR_EXIT_FINDINGS) {
      int written = write_out(o->output, &out);
      if (written) made = written;
    }
    if (made && status != WEIR_EXIT_FAILED) status = made;
  }
  weir_sift_say(&o->sift, &said);
  if (said.len) fputs(said.data, stderr);
  weir_buf_free(&said);
  weir_buf_free(&out);
  weir_report_input_free(&in);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return status;
}

static char kept_here[] = ".weir"; // where `weir run` puts findings

static int run(struct weir_report_options *o) {
  if (o->help) {
    weir_report_help(o->form);
    return WEIR_EXIT_CLEAN;
  }
  if (o->live) {
    if (o->form >= 0 || o->file_count || o->output)
      return weir_report_usage("--live reads standard input and takes no file", NULL);
    return weir_report_live(o->color, &o->sift, o->verdicts);
  }
  if (o->form < 0)
    return weir_report_usage("say show, list, html or another form, and a file", NULL);
  if (o->form == WEIR_REPORT_SUPPRESS && !o->suppress.fingerprint)
    return weir_report_usage("suppress needs the fingerprint of a finding", NULL);
  if (o->form == WEIR_REPORT_DIFF && !o->baseline_count)
    return weir_report_usage("diff needs --baseline and a file of earlier findings", NULL);
  if (!weir_project_open(o->root)) return weir_report_usage("too long:", o->root);
  if (!o->file_count && access(kept_here, F_OK) == 0) o->files[o->file_count++] = kept_here;
  if (!o->file_count)
    return weir_report_usage("no file given for", weir_report_forms[o->form].name);
  return report_files(o);
}

int weir_verb_report(int argc, char **argv) {
  struct weir_report_options o;
  int status = weir_report_parse(&o, argc, argv);
  if (!status) status = run(&o);
  weir_report_options_free(&o);
  return status;
}
