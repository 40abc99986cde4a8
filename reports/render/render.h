// SPDX-License-Identifier: Apache-2.0
//
// The renderers, each from findings to text in a buffer; the caller writes it out.
#ifndef WEIR_RENDER_RENDER_H
#define WEIR_RENDER_RENDER_H

#include <stdbool.h>

#include "model/finding.h"
#include "model/reader.h"

// One report, fences included. See text.c for the layout.
void weir_render_text(const struct weir_finding *f, bool color, struct weir_buf *out);

// One line for a list: fingerprint, certainty, summary, how often seen.
void weir_render_list_line(const struct weir_finding *f, bool color, struct weir_buf *out);

// The symbolized record with its fingerprint, one line of JSON.
void weir_render_json(const struct weir_finding *f, struct weir_buf *out);

// A whole page. `source` names where the findings came from.
void weir_render_html(const struct weir_collection *findings, const char *source,
                      struct weir_buf *out);

// For CI systems; `project.h` must have been opened.
// The number of findings that were left out, as more are not accepted.
size_t weir_render_sarif(const struct weir_collection *findings, const char *version,
                         struct weir_buf *out);
void weir_render_junit(const struct weir_collection *findings, struct weir_buf *out);
void weir_render_github(const struct weir_collection *findings, struct weir_buf *out);
void weir_render_gitlab(const struct weir_collection *findings, struct weir_buf *out);
void weir_render_markdown(const struct weir_collection *findings, struct weir_buf *out);

enum weir_color { WEIR_COLOR_AUTO, WEIR_COLOR_ALWAYS, WEIR_COLOR_NEVER };

// Whether to colour what goes to fd: `auto` obeys NO_COLOR, CLICOLOR_FORCE and
// TERM=dumb, else asks whether fd is a terminal.
bool weir_color_wanted(enum weir_color choice, int fd);
bool weir_color_parse(const char *word, enum weir_color *choice);

#endif
