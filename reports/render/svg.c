// SPDX-License-Identifier: Apache-2.0
//
// Numbers have one decimal: printf's %g would make a picture depend on rounding. A tip is drawn as
// a triangle of its own, as a marker would need an id that is unique in the page.
#include "render/svg.h"

#include <math.h>
#include <string.h>

#include "render/xml.h"

static const double CHARACTER = 6.9; // the width of one, of 12 to 13 units' height
static const double LEAST = 0.7;     // smaller than that nobody reads it: it scrolls
enum { TIP = 9 };

void weir_svg_begin(struct weir_buf *out, double width, double height, const char *says) {
  weir_buf_printf(out,
                  "<svg class=\"picture\" role=\"group\" width=\"%.0f\" height=\"%.0f\" "
                  "viewBox=\"0 0 %.0f %.0f\" style=\"min-width:%.0fpx\"",
                  width, height, width, height, width * LEAST);
  weir_xml_attribute(out, "aria-label", says);
  weir_buf_add(out, ">\n");
}

void weir_svg_end(struct weir_buf *out) {
  weir_buf_add(out, "</svg>\n");
}

void weir_svg_link(struct weir_buf *out, const char *href, const char *says) {
  weir_buf_add(out, "<a");
  weir_xml_attribute(out, "href", href);
  weir_xml_attribute(out, "aria-label", says);
  weir_buf_add(out, ">");
}

void weir_svg_link_end(struct weir_buf *out) {
  weir_buf_add(out, "</a>\n");
}

void weir_svg_box(struct weir_buf *out, const char *class, double x, double y, double width,
                  double height, double radius) {
  weir_buf_printf(out,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
                  "rx=\"%.1f\"/>",
                  class, x, y, width, height, radius);
}

void weir_svg_dot(struct weir_buf *out, const char *class, double x, double y, double radius) {
  weir_buf_printf(out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>", class, x, y,
                  radius);
}

void weir_svg_line(struct weir_buf *out, const char *class, double x1, double y1, double x2,
                   double y2) {
  weir_buf_printf(out, "<path class=\"%s\" d=\"M%.1f,%.1fL%.1f,%.1f\"/>", class, x1, y1, x2, y2);
}

void weir_svg_arrow(struct weir_buf *out, const char *class, struct weir_svg_curve c) {
  double dx = c.x2 - c.cx2, dy = c.y2 - c.cy2, length = hypot(dx, dy);
  if (length < 0.01) {
    dx = c.x2 - c.x1;
    dy = c.y2 - c.y1;
    length = hypot(dx, dy) + 0.01;
  }
  dx /= length;
  dy /= length;
  double bx = c.x2 - TIP * dx, by = c.y2 - TIP * dy; // where the line ends and the tip begins
  weir_buf_printf(out, "<path class=\"%s\" d=\"M%.1f,%.1fC%.1f,%.1f %.1f,%.1f %.1f,%.1f\"/>", class,
                  c.x1, c.y1, c.cx1, c.cy1, c.cx2, c.cy2, bx, by);
  weir_buf_printf(out, "<path class=\"tip %s\" d=\"M%.1f,%.1fL%.1f,%.1fL%.1f,%.1fz\"/>", class,
                  c.x2, c.y2, bx - TIP * 0.42 * dy, by + TIP * 0.42 * dx, bx + TIP * 0.42 * dy,
                  by - TIP * 0.42 * dx);
}

// Bytes of the character at s, and its columns.
static size_t character(const char *s, int *columns) {
  unsigned char c = (unsigned char)*s;
  size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  *columns = c >= 0xe3 ? 2 : 1; // East Asian, symbols
  for (size_t i = 1; i < n; i++)
    if (((unsigned char)s[i] & 0xc0) != 0x80) return i;
  return n;
}

static int columns_of(const char *text) {
  int all = 0, columns;
  for (; *text; all += columns)
    text += character(text, &columns);
  return all;
}

// The length in bytes of the first so many columns, at most.
static size_t first_columns(const char *text, int room) {
  size_t i = 0;
  int columns;
  while (text[i]) {
    size_t n = character(text + i, &columns);
    if ((room -= columns) < 0) break;
    i += n;
  }
  return i;
}

static void add_text(struct weir_buf *out, const char *class, double x, double y, const char *shown,
                     const char *whole) {
  weir_buf_printf(out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
  weir_xml_text(out, shown);
  if (shown != whole) {
    weir_buf_add(out, "<title>");
    weir_xml_text(out, whole);
    weir_buf_add(out, "</title>");
  }
  weir_buf_add(out, "</text>");
}

static void add_cut(struct weir_buf *out, const char *class, double x, double y, double width,
                    const char *text, bool keep_end) {
  int room = (int)(width / CHARACTER), all = columns_of(text);
  if (!all) return;
  if (all <= room) {
    add_text(out, class, x, y, text, text);
    return;
  }
  struct weir_buf cut = {0};
  if (keep_end)
    weir_buf_printf(&cut, "\xe2\x80\xa6%s", text + first_columns(text, all - room + 1));
  else
    weir_buf_printf(&cut, "%.*s\xe2\x80\xa6", (int)first_columns(text, room - 1), text);
  add_text(out, class, x, y, cut.data, text);
  weir_buf_free(&cut);
}

void weir_svg_text(struct weir_buf *out, const char *class, double x, double y, double width,
                   const char *text) {
  add_cut(out, class, x, y, width, text, false);
}

void weir_svg_place(struct weir_buf *out, const char *class, double x, double y, double width,
                    const char *text) {
  add_cut(out, class, x, y, width, text, true);
}
