// SPDX-License-Identifier: Apache-2.0
//
// Options and files may stand in any order after the form; `--` ends the options. A value follows
// `=` or is the next word.
#include "cli/report_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exit.h"
#include "model/paths.h"

int weir_report_usage(const char *problem, const char *word) {
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

// Each of these returns true if the word was one of its options.

static bool parse_sift(struct weir_report_options *o, int argc, char **argv, int *i, int *status) {
  const char *word = argv[*i], *value;
  if (!strcmp(word, "--show-suppressed")) {
    o->sift.show_all = true;
  } else if (!strcmp(word, "--no-print-suppressions")) {
    o->sift.mute = true;
  } else if ((value = value_of("--suppressions", argc, argv, i))) {
    if (*value)
      weir_sift_file(&o->sift, value, false);
    else
      *status = weir_report_usage("--suppressions needs a file name", NULL);
  } else if ((value = value_of("--shared-suppressions", argc, argv, i))) {
    weir_sift_file(&o->sift, value, true);
  } else if ((value = value_of("--suppressions-text", argc, argv, i))) {
    weir_sift_text(&o->sift, value);
  } else {
    return false;
  }
  return true;
}

static bool parse_pick(struct weir_report_options *o, int argc, char **argv, int *i, int *status) {
  static const char *const names[WEIR_PICK_SORTS] = {
      [WEIR_PICK_KIND] = "--kind",
      [WEIR_PICK_CERTAINTY] = "--certainty",
      [WEIR_PICK_FILE] = "--file",
      [WEIR_PICK_GOROUTINE] = "--goroutine",
  };
  static const char *const problems[WEIR_PICK_SORTS] = {
      [WEIR_PICK_KIND] = "--kind is an id such as data-race, not",
      [WEIR_PICK_CERTAINTY] = "--certainty is proven, observed, predicted, suspected, likely or "
                              "advice, not",
  };
  for (int by = 0; by < WEIR_PICK_SORTS; by++) {
    const char *value = value_of(names[by], argc, argv, i);
    if (!value) continue;
    if (!weir_pick_add(&o->pick, (enum weir_pick_by)by, value))
      *status = weir_report_usage(problems[by], value);
    return true;
  }
  return false;
}

static bool parse_places(struct weir_report_options *o, int argc, char **argv, int *i,
                         int *status) {
  const char *value;
  if ((value = value_of("-o", argc, argv, i)) || (value = value_of("--output", argc, argv, i))) {
    if (!*value) *status = weir_report_usage("-o needs a file name", NULL);
    o->output = value;
  } else if ((value = value_of("--root", argc, argv, i))) {
    if (!*value) *status = weir_report_usage("--root needs a folder", NULL);
    o->root = value;
  } else if ((value = value_of("--baseline", argc, argv, i))) {
    if (!*value) *status = weir_report_usage("--baseline needs a file name", NULL);
    o->baselines[o->baseline_count++] = (char *)value;
  } else if ((value = value_of("--map-path", argc, argv, i))) {
    if (!weir_paths_map(value))
      *status = weir_report_usage("--map-path is FROM=TO (32 of them at most), not", value);
  } else {
    return false;
  }
  return true;
}

static int parse_option(struct weir_report_options *o, int argc, char **argv, int *i) {
  int status = 0;
  if (parse_sift(o, argc, argv, i, &status) || parse_pick(o, argc, argv, i, &status) ||
      parse_places(o, argc, argv, i, &status))
    return status;
  const char *word = argv[*i], *value;
  if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
    o->help = true;
  } else if (!strcmp(word, "--live")) {
    o->live = true;
  } else if (!strcmp(word, "--verdicts")) {
    o->verdicts = true;
  } else if (!strcmp(word, "--exact")) {
    o->suppress.exact = true;
  } else if ((value = value_of("--reason", argc, argv, i))) {
    o->suppress.reason = value;
  } else if ((value = value_of("--until", argc, argv, i))) {
    struct weir_date d;
    if (strlen(value) != 10 || !weir_date_parse(value, &d))
      return weir_report_usage("--until is a day, YYYY-MM-DD, not", value);
    o->suppress.until = value;
  } else if ((value = value_of("--color", argc, argv, i))) {
    if (!weir_color_parse(value, &o->color))
      return weir_report_usage("--color is auto, always or never, not", value);
  } else {
    return weir_report_usage("unknown option", word);
  }
  return 0;
}

int weir_report_parse(struct weir_report_options *o, int argc, char **argv) {
  bool only_files = false;
  *o = (struct weir_report_options){
      .form = -1,
      .files = weir_xmalloc((size_t)argc * sizeof(char *) + 1),
      .baselines = weir_xmalloc((size_t)argc * sizeof(char *) + 1),
  };
  const char *color = getenv("WEIR_REPORT_COLOR"); // from the runtime that starts us
  if (color) (void)weir_color_parse(color, &o->color);
  for (int i = 1; i < argc; i++) {
    const char *word = argv[i];
    int status = 0;
    if (!only_files && !strcmp(word, "--"))
      only_files = true;
    else if (!only_files && word[0] == '-' && word[1])
      status = parse_option(o, argc, argv, &i);
    else if (o->form < 0 && !only_files && weir_report_form_find(word) >= 0)
      o->form = weir_report_form_find(word);
    else if (o->form < 0 && !o->live)
      status = weir_report_usage("say show, list, html or another form before", word);
    else if (o->form == WEIR_REPORT_SUPPRESS && !o->suppress.fingerprint)
      o->suppress.fingerprint = word;
    else
      o->files[o->file_count++] = argv[i];
    if (status) return status;
  }
  return 0;
}

void weir_report_options_free(struct weir_report_options *o) {
  weir_sift_free(&o->sift);
  weir_pick_free(&o->pick);
  free(o->files);
  free(o->baselines);
}
