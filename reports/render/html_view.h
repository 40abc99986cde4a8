// SPDX-License-Identifier: Apache-2.0
//
// A finding as the page's script wants it: labels that are ready to be shown, stacks, and numbers
// of excerpts, which many frames have in common and which are kept once for the page.
#ifndef WEIR_RENDER_HTML_VIEW_H
#define WEIR_RENDER_HTML_VIEW_H

#include "render/view.h"

struct weir_excerpts {
  json_t *all;    // array; each is [[number, line], ...]
  json_t *number; // object: "file:line" to the place in `all`
};

json_t *weir_html_finding(struct weir_view *v, struct weir_excerpts *excerpts);

#endif
