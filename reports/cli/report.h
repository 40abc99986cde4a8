// SPDX-License-Identifier: Apache-2.0
//
// What report.c and report_live.c share.
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include "cli/sift.h"
#include "model/reader.h"
#include "render/render.h"

// Prints each finding that arrives on standard input to standard error, until the
// end of input. `verdicts`: says of each record whether it is wanted, on standard input, which is
// then a socket (docs/design/findings.md). Returns an exit status.
int weir_report_live(enum weir_color color, struct weir_sift *sift, bool verdicts);

// Adds the line that hides the finding with this fingerprint, or a part of one that is
// enough, and no other in `all`. An exit status, with a message where it is not 0.
int weir_report_suppress(const struct weir_collection *all, const char *fingerprint, bool exact,
                         struct weir_buf *out);

// Says on standard error what could not be read of the input.
void weir_report_damage(const char *file, const struct weir_read_stats *stats);

#endif
