// SPDX-License-Identifier: Apache-2.0
//
// Shapes and text of a picture in a page, as inline SVG. Colours, dashes and fonts are the style
// sheet's (html/style.css): a shape has a class and nothing else, so one picture is right in light,
// in dark and on paper. Text is escaped; what does not fit is cut and kept whole as a tooltip. The
// width of text is estimated, since only the reader's browser knows its fonts.
#ifndef WEIR_RENDER_SVG_H
#define WEIR_RENDER_SVG_H

#include "model/memory.h"

// `says` is read out in its place.
void weir_svg_begin(struct weir_buf *out, double width, double height, const char *says);
void weir_svg_end(struct weir_buf *out);

// A group that one can follow to another part of the page, "#f3-g7", with the mouse or the
// keyboard.
void weir_svg_link(struct weir_buf *out, const char *href, const char *says);
void weir_svg_link_end(struct weir_buf *out);

void weir_svg_box(struct weir_buf *out, const char *class, double x, double y, double width,
                  double height, double radius);
void weir_svg_dot(struct weir_buf *out, const char *class, double x, double y, double radius);
void weir_svg_line(struct weir_buf *out, const char *class, double x1, double y1, double x2,
                   double y2);

struct weir_svg_curve { // a cubic Bezier curve
  double x1, y1, cx1, cy1, cx2, cy2, x2, y2;
};
void weir_svg_arrow(struct weir_buf *out, const char *class, struct weir_svg_curve c);

// `class` says how it is aligned, too. At most `width` units wide; of a place the end is what
// counts.
void weir_svg_text(struct weir_buf *out, const char *class, double x, double y, double width,
                   const char *text);
void weir_svg_place(struct weir_buf *out, const char *class, double x, double y, double width,
                    const char *text);

#endif
