// SPDX-License-Identifier: Apache-2.0
//
// The lines of the lanes first, then arrows, marks and words. A lane is drawn from where it begins,
// or from its head if that is not known, to where it ends; dashed while its goroutine waits.
#include "render/lanes.h"

#include <stdio.h>
#include <string.h>

#include "render/picture.h"
#include "render/svg.h"

enum {
  PITCH = 104, // between lanes
  BOX = 94,
  BOX_HEIGHT = 38,
  MARGIN = 8,
  HEAD = MARGIN + BOX_HEIGHT + 12,
  ROW = 30,
  WHEN = 76,
  WHAT = 300,
  WHERE = 250,
};

struct weir_lanes *weir_lanes_new(struct weir_view *v, const char *says) {
  struct weir_lanes *l = WEIR_ARENA_ARRAY(&v->arena, struct weir_lanes, 1);
  *l = (struct weir_lanes){.apart = {-1, -1}, .says = says};
  return l;
}

int weir_lanes_find(const struct weir_lanes *l, uint64_t goroutine) {
  for (int i = 0; i < l->lanes; i++)
    if (l->lane[i] == goroutine) return i;
  return -1;
}

int weir_lanes_lane(struct weir_lanes *l, uint64_t goroutine) {
  int known = weir_lanes_find(l, goroutine);
  if (known >= 0 || !goroutine || l->lanes == WEIR_LANES_MAX) return known;
  l->lane[l->lanes] = goroutine;
  return l->lanes++;
}

int weir_lanes_row(struct weir_lanes *l, struct weir_lane_row row) {
  if (l->rows == WEIR_LANE_ROWS_MAX) return -1;
  l->row[l->rows] = row;
  return l->rows++;
}

// --- lines -------------------------------------------------------------------------------------

static double across(int lane) {
  return MARGIN + BOX / 2.0 + lane * PITCH;
}

static double down(int row) {
  return HEAD + ROW / 2.0 + row * ROW;
}

static double bottom(const struct weir_lanes *l) {
  return HEAD + l->rows * ROW;
}

// The row in which the lane begins, or -1.
static int begins(const struct weir_lanes *l, int lane) {
  for (int i = 0; i < l->rows; i++) {
    if (l->row[i].starts == lane) return i;
    if (l->row[i].lane != lane) continue;
    return l->row[i].mark == WEIR_MARK_BEGIN ? i : -1;
  }
  return -1;
}

static void draw_lane(const struct weir_lanes *l, int lane, struct weir_buf *out) {
  double x = across(lane);
  int first = begins(l, lane);
  double y = first < 0 ? MARGIN + BOX_HEIGHT : down(first);
  if (first >= 0) weir_svg_line(out, "before", x, MARGIN + BOX_HEIGHT, x, y);
  const char *class = "life";
  for (int i = 0; i < l->rows; i++) {
    const struct weir_lane_row *r = &l->row[i];
    if (r->lane != lane) continue;
    bool turns = r->mark == WEIR_MARK_BLOCK || r->mark == WEIR_MARK_WAKE;
    if (!turns && r->mark != WEIR_MARK_END) continue;
    weir_svg_line(out, class, x, y, x, down(i));
    y = down(i);
    class = r->mark == WEIR_MARK_BLOCK ? "asleep" : "life";
    if (r->mark == WEIR_MARK_END) return;
  }
  weir_svg_line(out, class, x, y, x, bottom(l));
}

static void draw_head(struct weir_view *v, const struct weir_lanes *l, int lane, size_t number,
                      struct weir_buf *out) {
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, l->lane[lane]);
  const char *name = g ? weir_view_name(v, g) : l->lane[lane] == 1 ? "main" : "";
  char href[64], id[32];
  snprintf(href, sizeof href, "#f%zu-g%llu", number, (unsigned long long)l->lane[lane]);
  snprintf(id, sizeof id, "g%llu", (unsigned long long)l->lane[lane]);
  weir_svg_link(out, href, weir_view_goroutine(v, l->lane[lane]));
  weir_svg_box(out, "goroutine", across(lane) - BOX / 2.0, MARGIN, BOX, BOX_HEIGHT, 8);
  weir_svg_text(out, "name mid", across(lane), MARGIN + (*name ? 16 : 24), BOX - 8, id);
  weir_svg_text(out, "detail mid", across(lane), MARGIN + 31, BOX - 6, name);
  weir_svg_link_end(out);
}

// An arrow from the row that led to this one, or to the lane that this starts.
static void draw_arrows(const struct weir_lanes *l, int row, struct weir_buf *out) {
  const struct weir_lane_row *r = &l->row[row];
  double y = down(row);
  if (r->from >= 0 && r->lane >= 0 && l->row[r->from].lane >= 0 &&
      l->row[r->from].lane != r->lane) {
    double x1 = across(l->row[r->from].lane), x2 = across(r->lane), sign = x2 > x1 ? 1 : -1;
    weir_svg_arrow(out, "led",
                   (struct weir_svg_curve){x1 + 5 * sign, down(r->from) + 2, x1 + 5 * sign,
                                           down(r->from) + 2, x2 - 6 * sign, y - 4, x2 - 6 * sign,
                                           y - 4});
  }
  if (r->starts >= 0 && r->lane >= 0 && r->starts != r->lane) {
    double x1 = across(r->lane), x2 = across(r->starts), sign = x2 > x1 ? 1 : -1;
    weir_svg_arrow(out, "led",
                   (struct weir_svg_curve){x1 + 5 * sign, y, x1 + 5 * sign, y, x2 - 6 * sign, y,
                                           x2 - 6 * sign, y});
    weir_svg_dot(out, "mark", x2, y, 4.5);
  }
}

static void draw_mark(const struct weir_lanes *l, int row, struct weir_buf *out) {
  const struct weir_lane_row *r = &l->row[row];
  if (r->lane < 0 || r->mark == WEIR_MARK_NONE) return;
  double x = across(r->lane), y = down(row);
  switch (r->mark) {
  case WEIR_MARK_BLOCK:
    weir_svg_box(out, "mark asleep", x - 5, y - 5, 10, 10, 0);
    break;
  case WEIR_MARK_END:
    weir_svg_line(out, "life", x - 8, y, x + 8, y);
    break;
  case WEIR_MARK_FAULT:
    weir_svg_dot(out, "mark fault", x, y, 6);
    break;
  default:
    weir_svg_dot(out, "mark", x, y, 4.5);
  }
}

// What should be there and is not: a line with a gap and a cross in it.
static void draw_apart(const struct weir_lanes *l, struct weir_buf *out) {
  if (l->apart[0] < 0 || l->apart[1] < 0) return;
  double x1 = across(l->row[l->apart[0]].lane), y1 = down(l->apart[0]);
  double x2 = across(l->row[l->apart[1]].lane), y2 = down(l->apart[1]);
  double x = (x1 + x2) / 2, y = (y1 + y2) / 2;
  weir_svg_line(out, "apart", x1, y1, x2, y2);
  weir_svg_dot(out, "apart", x, y, 9);
  weir_svg_line(out, "apart cross", x - 4, y - 4, x + 4, y + 4);
  weir_svg_line(out, "apart cross", x - 4, y + 4, x + 4, y - 4);
}

static void draw_words(const struct weir_lanes *l, int row, struct weir_buf *out) {
  const struct weir_lane_row *r = &l->row[row];
  double x = MARGIN + l->lanes * PITCH + 6, y = down(row) + 4;
  if (l->timed) {
    weir_svg_text(out, "where end", x + WHEN - 14, y, WHEN, r->when);
    x += WHEN;
  }
  const char *class =
      r->mark == WEIR_MARK_FAULT || r->mark == WEIR_MARK_NONE ? "what fault start" : "what start";
  weir_svg_text(out, class, x, y, WHAT, r->what);
  weir_svg_place(out, "where start", x + WHAT + 8, y, WHERE, r->at);
}

void weir_lanes_draw(struct weir_view *v, const struct weir_lanes *l, size_t number,
                     struct weir_buf *out) {
  double width = MARGIN + l->lanes * PITCH + 6 + (l->timed ? WHEN : 0) + WHAT + 8 + WHERE + MARGIN;
  weir_svg_begin(out, width, bottom(l) + MARGIN, l->says);
  for (int i = 0; i < l->rows; i += 2)
    weir_svg_box(out, "stripe", 0, HEAD + i * ROW, width, ROW, 0);
  weir_buf_add(out, "\n");
  for (int i = 0; i < l->lanes; i++)
    draw_lane(l, i, out);
  draw_apart(l, out);
  for (int i = 0; i < l->rows; i++)
    draw_arrows(l, i, out);
  for (int i = 0; i < l->lanes; i++)
    draw_head(v, l, i, number, out);
  for (int i = 0; i < l->rows; i++) {
    draw_mark(l, i, out);
    draw_words(l, i, out);
    weir_buf_add(out, "\n");
  }
  weir_svg_end(out);
}
