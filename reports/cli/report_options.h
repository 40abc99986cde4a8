// SPDX-License-Identifier: Apache-2.0
//
// The command line of `weir report`.
#ifndef WEIR_CLI_REPORT_OPTIONS_H
#define WEIR_CLI_REPORT_OPTIONS_H

#include "cli/pick.h"
#include "cli/report_forms.h"
#include "cli/sift.h"
#include "render/render.h"

struct weir_suppress_wish {
  const char *fingerprint;    // or a part of one that is enough
  bool exact;                 // by fingerprint
  const char *reason, *until; // NULL: none
};

struct weir_report_options {
  int form; // -1: none given
  bool live, help, verdicts;
  struct weir_suppress_wish suppress;
  const char *output, *root;
  enum weir_color color;
  char **files, **baselines;
  size_t file_count, baseline_count;
  struct weir_sift sift;
  struct weir_pick pick;
};

// 0, or an exit status after a message. To be freed either way.
int weir_report_parse(struct weir_report_options *o, int argc, char **argv);
void weir_report_options_free(struct weir_report_options *o);

// One line on standard error; returns WEIR_EXIT_USAGE.
int weir_report_usage(const char *problem, const char *word);

#endif
