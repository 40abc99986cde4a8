// SPDX-License-Identifier: Apache-2.0
//
// The wait-for graph as a picture: boxes in a grid, goroutines with corners, objects round. What
// waits is dashed. Lines are drawn first, then boxes, then words, so that nothing hides a word.
// Each node is a link to its part of the report.
#include <stdio.h>
#include <stdlib.h>

#include "render/picture.h"
#include "render/svg.h"
#include "render/wait_graph.h"

enum {
  WIDTH = 188,
  HEIGHT = 46,
  GAP = 156, // between columns: the words of an edge go there
  SPACE = 58,
  MARGIN = 10,
  AWAY = 4,                       // of the ends of an arrow from the boxes
  BOW = 34,                       // of an arrow that leads past other boxes
  OVER = 44,                      // above them
  BESIDE = 18,                    // for the words of two that lead there and back
  ASIDE = (WIDTH + GAP) / 2 - 14, // for words beside an arrow: another one may have its own there
};

static const char *const class_of[] = {
    [WEIR_WAITS] = "waits", [WEIR_HAS] = "has", [WEIR_COULD] = "could", [WEIR_DID] = "did"};

static double middle(const struct weir_wait_node *n) {
  return n->x + WIDTH / 2.0;
}

static double level(const struct weir_wait_node *n) {
  return n->y + HEIGHT / 2.0;
}

// --- edges -----------------------------------------------------------------------------------

static bool both_ways(const struct weir_wait_graph *g, const struct weir_wait_edge *e) {
  for (int i = 0; i < g->edges; i++)
    if (g->edge[i].from == e->to && g->edge[i].to == e->from) return true;
  return false;
}

// Between columns: leaves at the side that looks there, and comes in level. Of two that lead there
// and back one is higher than the other.
static struct weir_svg_curve across(const struct weir_wait_node *a, const struct weir_wait_node *b,
                                    double shift) {
  double sign = b->column > a->column ? 1 : -1;
  double x1 = middle(a) + sign * (WIDTH / 2.0 + AWAY), x2 = middle(b) - sign * (WIDTH / 2.0 + AWAY);
  double bend = (x2 - x1) / 2;
  double y1 = level(a) + shift, y2 = level(b) + shift;
  return (struct weir_svg_curve){x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2};
}

static bool leads_over(const struct weir_wait_node *a, const struct weir_wait_node *b) {
  return a->row == b->row && abs(a->column - b->column) > 1;
}

static struct weir_svg_curve over(const struct weir_wait_node *a, const struct weir_wait_node *b) {
  double sign = b->column > a->column ? 1 : -1, x1 = middle(a) + 30 * sign,
         x2 = middle(b) + 30 * -sign;
  double y = a->y - AWAY, peak = y - OVER * 4 / 3.0; // a cubic reaches three quarters of it
  return (struct weir_svg_curve){x1, y, x1, peak, x2, peak, x2, y};
}

static struct weir_svg_curve along(const struct weir_wait_node *a, const struct weir_wait_node *b) {
  int rows = b->row - a->row;
  if (abs(rows) == 1) {
    double x = middle(a);
    double y1 = rows > 0 ? a->y + HEIGHT + AWAY : a->y - AWAY;
    double y2 = rows > 0 ? b->y - AWAY : b->y + HEIGHT + AWAY;
    return (struct weir_svg_curve){x, y1, x, y1, x, y2, x, y2};
  }
  double x = a->x + WIDTH + AWAY, out = x + BOW;
  return (struct weir_svg_curve){x, level(a), out, level(a), out, level(b), x, level(b)};
}

static struct weir_svg_curve curve_of(const struct weir_wait_graph *g,
                                      const struct weir_wait_edge *e) {
  const struct weir_wait_node *a = &g->node[e->from], *b = &g->node[e->to];
  if (a->column == b->column) return along(a, b);
  if (leads_over(a, b)) return over(a, b);
  double shift = !both_ways(g, e) ? 0 : b->column > a->column ? -11 : 11;
  return across(a, b, shift);
}

struct words {
  double x, above, below, width; // above: the line of what, below: of where
  const char *side;
};

// Others leave where it does.
static bool fans_out(const struct weir_wait_graph *g, const struct weir_wait_edge *e) {
  for (int i = 0; i < g->edges; i++)
    if (&g->edge[i] != e && g->edge[i].from == e->from) return true;
  return false;
}

// Above and below the middle of a line across; beside one that goes down or up, on the inner side;
// of one that turns where it leaves, or, if others leave there, where it arrives, on the side that
// it turns away from.
static struct words words_at(const struct weir_wait_graph *g, const struct weir_wait_edge *e) {
  const struct weir_wait_node *a = &g->node[e->from], *b = &g->node[e->to];
  struct weir_svg_curve c = curve_of(g, e);
  double x = (c.x1 + c.x2) / 2, y = (c.y1 + c.y2) / 2;
  if (a->column == b->column) {
    bool beside = abs(a->row - b->row) == 1, start = a->column % 2 == 0 || !beside;
    x += (start ? 10 : -10) + (beside ? 0 : BOW * 0.75);
    return (struct words){x, y - 3, y + 13, ASIDE, start ? "start" : "end"};
  }
  struct words w = {x, y - 6, y + 15, GAP - 12, "mid"};
  if (leads_over(a, b)) {
    w.above = a->y - OVER - 8;
    w.below = w.above + 16;
  } else if (a->row != b->row) {
    bool fans = fans_out(g, e), over = (b->row > a->row) != fans;
    w.x = fans ? c.x2 - (c.x2 - c.x1) * 0.46 : c.x1 + (c.x2 - c.x1) * 0.46;
    w.above = (fans ? c.y2 : c.y1) + (over ? -20 : 16);
    w.below = w.above + 14;
  } else if (both_ways(g, e)) {
    w.above = b->column > a->column ? y - 20 : y + 15;
    w.below = w.above + 14;
  }
  return w;
}

static const char *sentence_of(struct weir_view *v, const struct weir_wait_graph *g,
                               const struct weir_wait_edge *e) {
  return weir_arena_printf(&v->arena, "%s %s %s", g->node[e->from].text, e->text,
                           g->node[e->to].text);
}

// They lead to the goroutine: to where it waits, or to where it took what it has.
static void add_words(struct weir_view *v, const struct weir_wait_graph *g,
                      const struct weir_wait_edge *e, size_t number, struct weir_buf *out) {
  const struct weir_wait_node *a = &g->node[e->from], *b = &g->node[e->to];
  struct words w = words_at(g, e);
  char words[32], where[32], href[64];
  snprintf(words, sizeof words, "words %s %s", class_of[e->kind], w.side);
  snprintf(where, sizeof where, "where %s", w.side);
  snprintf(href, sizeof href, "#f%zu-g%llu", number,
           (unsigned long long)(a->goroutine ? a->goroutine : b->goroutine));
  weir_svg_link(out, href, sentence_of(v, g, e));
  weir_svg_text(out, words, w.x, w.above, GAP, e->text);
  weir_svg_place(out, where, w.x, w.below, w.width, e->at);
  weir_svg_link_end(out);
}

// --- nodes -----------------------------------------------------------------------------------

static void add_node(struct weir_view *v, const struct weir_wait_node *n, size_t number,
                     struct weir_buf *out) {
  char href[64];
  bool goroutine = n->goroutine != 0;
  if (goroutine)
    snprintf(href, sizeof href, "#f%zu-g%llu", number, (unsigned long long)n->goroutine);
  else
    snprintf(href, sizeof href, "#f%zu-o%d", number, n->object);
  weir_svg_link(out, href,
                goroutine ? weir_view_goroutine(v, n->goroutine) : weir_view_object(v, n->object));
  weir_svg_box(out, goroutine ? "goroutine" : "object", n->x, n->y, WIDTH, HEIGHT,
               goroutine ? 8 : HEIGHT / 2.0);
  double line = level(n) + (*n->detail ? -3 : 5);
  if (goroutine)
    weir_svg_text(out, "name mid", middle(n), line, WIDTH - 16, n->text);
  else
    weir_svg_place(out, "name mid", middle(n), line, WIDTH - 24, n->text);
  weir_svg_text(out, "detail mid", middle(n), level(n) + 14, WIDTH - 24, n->detail);
  weir_svg_link_end(out);
}

static double room_above(const struct weir_wait_graph *g) {
  double room = 0;
  for (int i = 0; i < g->edges; i++) {
    const struct weir_wait_edge *e = &g->edge[i];
    const struct weir_wait_node *a = &g->node[e->from], *b = &g->node[e->to];
    if (!a->row && leads_over(a, b)) return OVER + 16;
    if (!a->row && !b->row && both_ways(g, e)) room = BESIDE;
  }
  return room;
}

static void set_positions(struct weir_wait_graph *g, double above) {
  for (int i = 0; i < g->nodes; i++) {
    g->node[i].x = MARGIN + g->node[i].column * (WIDTH + GAP);
    g->node[i].y = MARGIN + above + g->node[i].row * (HEIGHT + SPACE);
  }
}

static const char *sentence(struct weir_view *v, const struct weir_wait_graph *g) {
  struct weir_buf b = {0};
  weir_buf_add(&b, "Who waits for whom: ");
  for (int i = 0; i < g->edges; i++)
    weir_buf_printf(&b, "%s%s", i ? ", " : "", sentence_of(v, g, &g->edge[i]));
  const char *s = weir_arena_copy(&v->arena, b.data, b.len);
  weir_buf_free(&b);
  return s;
}

// An arrow past other boxes, or words beside the last column, need some room at the right.
static double right_side(const struct weir_wait_graph *g, int columns) {
  for (int i = 0; i < g->edges; i++) {
    const struct weir_wait_node *a = &g->node[g->edge[i].from], *b = &g->node[g->edge[i].to];
    bool last = a->column == columns - 1 && a->column == b->column;
    if (last && (abs(a->row - b->row) > 1 || a->column % 2 == 0)) return GAP;
  }
  return 0;
}

bool weir_picture_waits(struct weir_view *v, size_t number, struct weir_buf *out) {
  struct weir_wait_graph *g = WEIR_ARENA_ARRAY(&v->arena, struct weir_wait_graph, 1);
  int columns, rows;
  if (!weir_wait_graph_make(v, g)) return false;
  weir_wait_graph_place(g, &columns, &rows);
  double above = room_above(g), below = rows == 1 && above == BESIDE ? BESIDE : 0;
  set_positions(g, above);
  double width = 2 * MARGIN + columns * WIDTH + (columns - 1) * GAP + right_side(g, columns);
  weir_svg_begin(out, width, 2 * MARGIN + above + below + rows * HEIGHT + (rows - 1) * SPACE,
                 sentence(v, g));
  for (int i = 0; i < g->edges; i++)
    weir_svg_arrow(out, class_of[g->edge[i].kind], curve_of(g, &g->edge[i]));
  weir_buf_add(out, "\n");
  for (int i = 0; i < g->nodes; i++)
    add_node(v, &g->node[i], number, out);
  for (int i = 0; i < g->edges; i++)
    add_words(v, g, &g->edge[i], number, out);
  weir_svg_end(out);
  return true;
}
