// SPDX-License-Identifier: Apache-2.0
//
// `weir report`: findings from files (or standard input) to text, a list, a page or
// JSON. Options are a table. Everything is rendered into memory first and written in
// one go, so that a bad input leaves no half-written output behind. Findings that
// suppressions hide are left out, and said to be.
//
// Statuses: 0 rendered (also when there was nothing in it), 2 usage, 3 a file could
// not be read, held no finding at all, or the output could not be written, or a line of
// suppressions could not be used. A file
// that is damaged in part is rendered as far as it goes, with a warning.
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/report.h"
#include "cli/verbs.h"
#include "model/reader.h"
#include "model/symbolize.h"
#include "render/render.h"
#include "render/source.h"

static const char main_help[] =
    "usage: weir report <show|list|html|json|suppress> [options] FILE...\n"
    "\n"
    "Shows findings: the files that `weir run` keeps in .weir/, or that a program writes\n"
    "to its log_path. FILE - is standard input. Equal findings are shown once, with how\n"
    "often they were seen.\n"
    "\n"
    "  show   text, the answer first, then stacks and objects\n"
    "  list   one line for each\n"
    "  html   one page that needs nothing else\n"
    "  json   one line of JSON for each, with names and fingerprint\n"
    "  suppress  the line of a suppressions file that hides one of them\n"
    "\n"
    "  -o FILE            write to FILE instead of standard output\n"
    "  --color=WHEN       auto, always or never (auto obeys NO_COLOR)\n"
    "  --suppressions=FILE  leave out what a line of FILE matches (may be repeated);\n"
    "                     docs/guide/suppressions.md tells the form\n"
    "  --show-suppressed  also what was suppressed when the program ran\n"
    "  --live             print findings to standard error as they arrive on standard\n"
    "                     input; this is how a program's runtime uses the reporter\n"
    "  -h, --help         this; `weir report show --help` for each\n"
    "\n"
    "Example: weir report show .weir/findings.jsonl\n"
    "\n"
    "Exit status: 0 rendered, 2 wrong usage, 3 could not read or write.\n";

static const char show_help[] =
    "usage: weir report show [--color=WHEN] [-o FILE] FILE...\n"
    "\n"
    "Prints every finding in full: what happened in one sentence, the stacks, who holds\n"
    "and who waits, the objects, and the command that reproduces it.\n"
    "\n"
    "Example: weir report show .weir/findings.jsonl | less\n";

static const char list_help[] =
    "usage: weir report list [--color=WHEN] [-o FILE] FILE...\n"
    "\n"
    "Prints one line for each finding: fingerprint, certainty, kind, place.\n"
    "\n"
    "Example: weir report list .weir/*.jsonl\n";

static const char html_help[] =
    "usage: weir report html -o OUT.html FILE...\n"
    "\n"
    "Writes one self-contained page: list with search and filters, stacks with source,\n"
    "a picture of each cycle. It loads nothing from anywhere.\n"
    "\n"
    "Example: weir report html .weir/findings.jsonl -o report.html\n";

static const char json_help[] =
    "usage: weir report json [-o FILE] FILE...\n"
    "\n"
    "Writes the records with function names, files, lines and the fingerprint in them, one\n"
    "line of JSON for each (schema weir.finding/1). They need no binaries any more.\n"
    "\n"
    "Example: weir report json .weir/findings.jsonl | jq -r .answer\n";

static const char suppress_help[] =
    "usage: weir report suppress [--exact] [-o FILE] FINGERPRINT [FILE...]\n"
    "\n"
    "Prints the line for a suppressions file that hides this finding and no other one in\n"
    "the files (.weir/* if none is given). The first digits of the fingerprint will do.\n"
    "\n"
    "  --exact            by fingerprint, which holds until a function on the stacks changes\n"
    "\n"
    "Example: weir report suppress 4fd3 .weir/findings.jsonl >>weir.supp\n";

enum form { FORM_SHOW, FORM_LIST, FORM_HTML, FORM_JSON, FORM_SUPPRESS, FORM_COUNT };

static const struct {
  const char *name, *help;
} forms[FORM_COUNT] = {{"show", show_help},
                       {"list", list_help},
                       {"html", html_help},
                       {"json", json_help},
                       {"suppress", suppress_help}};

struct options {
  int form; // -1: none given
  bool live, help, verdicts, exact;
  const char *fingerprint; // of suppress
  const char *output;
  enum weir_color color;
  char **files;
  size_t file_count;
  struct weir_sift sift;
};

static int usage(const char *problem, const char *word) {
  struct weir_buf b = {0};
  weir_buf_printf(&b, "weir report: %s", problem);
  if (word) {
    weir_buf_add(&b, " '");
    weir_buf_add_safe(&b, word, strlen(word));
    weir_buf_add(&b, "'");
  }
  fprintf(stderr, "%s; see `weir report --help`\n", b.data);
  weir_buf_free(&b);
  return WEIR_EXIT_USAGE;
}

static int find_form(const char *word) {
  for (int i = 0; i < FORM_COUNT; i++)
    if (!strcmp(word, forms[i].name)) return i;
  return -1;
}

// The value of an option that stands at argv[*i], as "--name=value" or in the next
// word; NULL if this is not that option. A missing value gives "".
static const char *value_of(const char *name, int argc, char **argv, int *i) {
  size_t n = strlen(name);
  const char *word = argv[*i];
  if (strncmp(word, name, n)) return NULL;
  if (word[n] == '=') return word + n + 1;
  if (n == 2 && word[n]) return word + n; // -oFILE
  if (word[n]) return NULL;
  return *i + 1 < argc ? argv[++*i] : "";
}

// True if the word was one of the options that say what is not wanted.
static bool parse_sift(struct options *o, int argc, char **argv, int *i, int *status) {
  const char *word = argv[*i], *value;
  if (!strcmp(word, "--show-suppressed")) {
    o->sift.show_all = true;
  } else if (!strcmp(word, "--no-print-suppressions")) {
    o->sift.mute = true;
  } else if ((value = value_of("--suppressions", argc, argv, i))) {
    if (*value)
      weir_sift_file(&o->sift, value, false);
    else
      *status = usage("--suppressions needs a file name", NULL);
  } else if ((value = value_of("--shared-suppressions", argc, argv, i))) {
    weir_sift_file(&o->sift, value, true);
  } else if ((value = value_of("--suppressions-text", argc, argv, i))) {
    weir_sift_text(&o->sift, value);
  } else {
    return false;
  }
  return true;
}

static int parse_option(struct options *o, int argc, char **argv, int *i) {
  int status = 0;
  if (parse_sift(o, argc, argv, i, &status)) return status;
  const char *word = argv[*i], *value;
  if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
    o->help = true;
  } else if (!strcmp(word, "--live")) {
    o->live = true;
  } else if (!strcmp(word, "--verdicts")) {
    o->verdicts = true;
  } else if (!strcmp(word, "--exact")) {
    o->exact = true;
  } else if ((value = value_of("-o", argc, argv, i)) ||
             (value = value_of("--output", argc, argv, i))) {
    if (!*value) return usage("-o needs a file name", NULL);
    o->output = value;
  } else if ((value = value_of("--color", argc, argv, i))) {
    if (!weir_color_parse(value, &o->color))
      return usage("--color is auto, always or never, not", value);
  } else {
    return usage("unknown option", word);
  }
  return 0;
}

static int parse(struct options *o, int argc, char **argv) {
  bool only_files = false;
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    int status = 0;
    if (!only_files && !strcmp(word, "--"))
      only_files = true;
    else if (!only_files && word[0] == '-' && word[1])
      status = parse_option(o, argc, argv, &i);
    else if (o->form < 0 && !only_files && find_form(word) >= 0)
      o->form = find_form(word);
    else if (o->form < 0 && !o->live)
      status = usage("say show, list, html, json or suppress before", word);
    else if (o->form == FORM_SUPPRESS && !o->fingerprint)
      o->fingerprint = word;
    else
      o->files[o->file_count++] = argv[i];
    if (status) return status;
  }
  return 0;
}

// --- input -----------------------------------------------------------------------------

struct input {
  struct weir_sift *sift;
  struct weir_collection all;
};

static void collect(struct weir_finding *f, void *arg) {
  struct input *in = arg;
  char *by;
  if (weir_sift_hides(in->sift, f, &by)) {
    free(by);
    weir_finding_free(f);
  } else {
    weir_collection_add(&in->all, f);
  }
}

static void count_seen(const struct weir_seen_note *note, void *arg) {
  struct input *in = arg;
  weir_collection_seen(&in->all, note);
}

static void print_problem(const char *file, const char *what) {
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
    print_problem(file, what);
  }
  if (s->truncated)
    print_problem(file, "warning: the last line is cut off (the program died while it wrote); "
                        "all before it is shown");
}

static int read_file(const char *file, struct weir_symbolizer *symbolizer, struct input *to) {
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
    print_problem(shown, what);
    return WEIR_EXIT_FAILED;
  }
  if (stats.lines > stats.notes && !stats.findings) {
    print_problem(shown, "holds no finding: it is damaged or no report file; give a file that "
                         "`weir run` kept in .weir/ or that log_path names");
    return WEIR_EXIT_FAILED;
  }
  weir_report_damage(shown, &stats);
  return WEIR_EXIT_CLEAN;
}

// --- output ----------------------------------------------------------------------------

static void render_each(const struct options *o, const struct weir_collection *all, bool color,
                        struct weir_buf *out) {
  for (size_t i = 0; i < all->count; i++) {
    if (o->form == FORM_JSON) weir_render_json(all->at[i], out);
    if (o->form == FORM_LIST) weir_render_list_line(all->at[i], color, out);
    if (o->form != FORM_SHOW) continue;
    weir_render_text(all->at[i], color, out);
    if (i + 1 < all->count) weir_buf_add(out, "\n");
  }
}

static void render(const struct options *o, const struct weir_collection *all,
                   struct weir_buf *out) {
  bool color = weir_color_wanted(
      o->output ? (o->color == WEIR_COLOR_ALWAYS ? WEIR_COLOR_ALWAYS : WEIR_COLOR_NEVER) : o->color,
      STDOUT_FILENO);
  if (o->form == FORM_HTML)
    weir_render_html(all, o->file_count == 1 ? o->files[0] : "several files", out);
  else
    render_each(o, all, color, out);
  if (!all->count && (o->form == FORM_SHOW || o->form == FORM_LIST))
    weir_buf_add(out, "No findings.\n");
}

static int write_out(const char *file, const struct weir_buf *b) {
  bool standard = !file || !strcmp(file, "-");
  int fd = standard ? STDOUT_FILENO : open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int error = fd < 0 ? -errno : weir_write_all(fd, b->data ? b->data : "", b->len);
  if (fd >= 0 && !standard && close(fd) && !error) error = -errno;
  if (!error) return WEIR_EXIT_CLEAN;
  char what[200];
  snprintf(what, sizeof what, "cannot write it: %s", strerror(-error));
  print_problem(standard ? "standard output" : file, what);
  return WEIR_EXIT_FAILED;
}

static int report_files(struct options *o) {
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct input in = {.sift = &o->sift};
  struct weir_buf out = {0}, said = {0};
  int status = o->sift.rules.problems ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN, made = 0;
  for (size_t i = 0; i < o->file_count; i++) {
    int one = read_file(o->files[i], symbolizer, &in);
    if (one) status = one;
  }
  if (!status || in.all.count) {
    if (o->form == FORM_SUPPRESS)
      made = weir_report_suppress(&in.all, o->fingerprint, o->exact, &out);
    else
      render(o, &in.all, &out);
    if (!made) made = write_out(o->output, &out);
    if (made) status = made;
  }
  weir_sift_say(&o->sift, &said);
  if (said.len) fputs(said.data, stderr);
  weir_buf_free(&said);
  weir_buf_free(&out);
  weir_collection_free(&in.all);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return status;
}

static int run(struct options *o) {
  if (o->help) {
    fputs(o->form < 0 ? main_help : forms[o->form].help, stdout);
    return WEIR_EXIT_CLEAN;
  }
  if (o->live) {
    if (o->form >= 0 || o->file_count || o->output)
      return usage("--live reads standard input and takes no file", NULL);
    return weir_report_live(o->color, &o->sift, o->verdicts);
  }
  if (o->form < 0) return usage("say show, list, html, json or suppress, and a file", NULL);
  if (o->form == FORM_SUPPRESS && !o->fingerprint)
    return usage("suppress needs the fingerprint of a finding", NULL);
  glob_t kept = {0};
  if (o->form == FORM_SUPPRESS && !o->file_count && glob(".weir/*", 0, NULL, &kept) == 0) {
    o->files = kept.gl_pathv;
    o->file_count = kept.gl_pathc;
  }
  int status = o->file_count ? report_files(o) : usage("no file given for", forms[o->form].name);
  globfree(&kept);
  return status;
}

int weir_verb_report(int argc, char **argv) {
  struct options o = {.form = -1, .files = weir_xmalloc((size_t)argc * sizeof(char *) + 1)};
  const char *color = getenv("WEIR_REPORT_COLOR"); // from the runtime that starts us
  if (color) (void)weir_color_parse(color, &o.color);
  char **files = o.files;
  int status = parse(&o, argc, argv);
  if (!status) status = run(&o);
  weir_sift_free(&o.sift);
  free(files);
  return status;
}
