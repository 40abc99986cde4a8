// SPDX-License-Identifier: Apache-2.0
//
// Lines of source files, for quoting them beside a frame. Only regular files with the
// name of a C or C++ source are read, since a finding file may come from anywhere
// and its page may go anywhere. Files are kept until weir_source_free.
#ifndef WEIR_RENDER_SOURCE_H
#define WEIR_RENDER_SOURCE_H

#include "model/finding.h"

// Line `line` (1-based) of the file as safe text with tabs expanded, malloc'd; NULL if
// it cannot be had. *column (1-based, may be NULL) is moved with the tabs.
char *weir_source_line(const char *file, int line, int *column);
// Adds the line of the frame, and a caret below it when the column is known; nothing if the line
// cannot be had.
void weir_source_excerpt(const struct weir_frame *frame, const char *indent, bool color,
                         struct weir_buf *out);
void weir_source_free(void);

#endif
