// SPDX-License-Identifier: Apache-2.0
//
// What the parts of `weir report` share.
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include "cli/report_options.h"
#include "model/reader.h"
#include "render/render.h"

struct weir_symbolizer;

// Prints each finding that arrives on standard input to standard error, until the
// end of input. `verdicts`: says of each record whether it is wanted, on standard input, which is
// then a socket (docs/design/findings.md). Returns an exit status.
int weir_report_live(enum weir_color color, struct weir_sift *sift, bool verdicts);

// Adds the line that hides the finding with this fingerprint, and no other in `all`. An exit
// status, with a message where it is not 0.
int weir_report_suppress(const struct weir_collection *all, const struct weir_suppress_wish *wish,
                         struct weir_buf *out);

struct weir_report_input {
  struct weir_collection now, before; // before: the baseline
};

// Reads all files of the command line. An exit status, with a message where it is not 0: what could
// be read is there all the same.
int weir_report_read(struct weir_report_options *o, struct weir_symbolizer *symbolizer,
                     struct weir_report_input *to);
void weir_report_input_free(struct weir_report_input *in);

// Adds what has changed. WEIR_EXIT_FINDINGS if something is new.
int weir_report_diff(const struct weir_report_input *in, bool color, struct weir_buf *out);

void weir_report_problem(const char *file, const char *what); // on standard error

// Says on standard error what could not be read of the input.
void weir_report_damage(const char *file, const struct weir_read_stats *stats);

#endif
