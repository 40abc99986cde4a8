// SPDX-License-Identifier: Apache-2.0
//
// What report.c and report_live.c share.
#ifndef WEIR_CLI_REPORT_H
#define WEIR_CLI_REPORT_H

#include "model/reader.h"
#include "render/render.h"

// Prints each finding that arrives on standard input to standard error, until the
// end of input. Returns an exit status.
int weir_report_live(enum weir_color color);

// Says on standard error what could not be read of the input.
void weir_report_damage(const char *file, const struct weir_read_stats *stats);

#endif
