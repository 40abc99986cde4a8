// SPDX-License-Identifier: Apache-2.0
//
// A circle of n goroutines and n objects stands as two columns: it goes down on the right and up
// again on the left, so that every edge is a short straight line and has room for its words, at any
// n. The others are placed from what is placed already: beside a circle further out on its side,
// else the waiting left of what they wait for, and that left of who has it; in the same row if that
// is free. What hangs together is placed together, one part below the other.
#include "render/wait_graph.h"

enum { COLUMNS_MAX = 2 * WEIR_NODES_MAX + 3, MIDDLE = WEIR_NODES_MAX + 1 };

struct layout {
  struct weir_wait_graph *g;
  int next[COLUMNS_MAX];    // of column i - MIDDLE the first row that is free
  int side[WEIR_NODES_MAX]; // where what is beside the node goes: -1, 1; 0: by the edge
};

static void put(struct layout *l, int node, int column, int row) {
  int *next = &l->next[column + MIDDLE];
  if (row < *next) row = *next;
  *next = row + 1;
  l->g->node[node].column = column;
  l->g->node[node].row = row;
  l->g->node[node].placed = true;
}

// --- circles -----------------------------------------------------------------------------------

static int first_way_out(const struct weir_wait_graph *g, int node) {
  for (int i = 0; i < g->edges; i++)
    if (g->edge[i].from == node && !g->node[g->edge[i].to].placed) return g->edge[i].to;
  return -1;
}

// The circle that one comes to from `start`: its nodes, and how many they are; 0: there is none.
static int circle_from(const struct weir_wait_graph *g, int start, int *nodes) {
  int at[WEIR_NODES_MAX] = {0}, path[WEIR_NODES_MAX + 1], n = 0; // at: the place in the path, + 1
  for (int node = start; node >= 0; node = first_way_out(g, node)) {
    if (at[node]) {
      int begin = at[node] - 1;
      for (int i = begin; i < n; i++)
        nodes[i - begin] = path[i];
      return n - begin;
    }
    path[n] = node;
    at[node] = ++n;
  }
  return 0;
}

static void put_circle(struct layout *l, const int *nodes, int n, int row) {
  int half = n / 2;
  for (int k = 0; k < n; k++) {
    bool right = k >= 1 && k <= half;
    int down = right ? k - 1 : k ? n - k : 0;
    put(l, nodes[k], right, row + down);
    l->g->node[nodes[k]].row = row + down; // it goes up on the left
    l->side[nodes[k]] = right ? 1 : -1;
  }
  l->next[MIDDLE] = l->next[MIDDLE + 1] = row + half;
}

// --- the others --------------------------------------------------------------------------------

// Places all that hang together with what is placed.
static void spread(struct layout *l) {
  bool more = true;
  while (more) {
    more = false;
    for (int i = 0; i < l->g->edges; i++) {
      const struct weir_wait_edge *e = &l->g->edge[i];
      bool from = l->g->node[e->from].placed, to = l->g->node[e->to].placed;
      if (from == to) continue;
      int known = from ? e->from : e->to, other = from ? e->to : e->from;
      int away = l->side[known] ? l->side[known] : from ? 1 : -1;
      l->side[other] = l->side[known];
      put(l, other, l->g->node[known].column + away, l->g->node[known].row);
      more = true;
    }
  }
}

// Puts one part from row `row` on, from column 0 on; returns the row after it.
static int put_part(struct layout *l, int start, int row) {
  int nodes[WEIR_NODES_MAX], first = 0, end = row;
  bool before[WEIR_NODES_MAX];
  for (int i = 0; i < l->g->nodes; i++)
    before[i] = l->g->node[i].placed;
  for (int i = 0; i < COLUMNS_MAX; i++)
    l->next[i] = row;
  int n = circle_from(l->g, start, nodes);
  if (n)
    put_circle(l, nodes, n, row);
  else
    put(l, start, 0, row);
  spread(l);
  for (int i = 0; i < l->g->nodes; i++)
    if (l->g->node[i].placed && !before[i] && l->g->node[i].column < first)
      first = l->g->node[i].column;
  for (int i = 0; i < l->g->nodes; i++)
    if (l->g->node[i].placed && !before[i]) l->g->node[i].column -= first;
  for (int i = 0; i < COLUMNS_MAX; i++)
    if (l->next[i] > end) end = l->next[i];
  return end;
}

void weir_wait_graph_place(struct weir_wait_graph *g, int *columns, int *rows) {
  struct layout l = {.g = g};
  *columns = *rows = 0;
  for (int i = 0; i < g->nodes; i++)
    if (!g->node[i].placed) *rows = put_part(&l, i, *rows);
  for (int i = 0; i < g->nodes; i++)
    if (g->node[i].column >= *columns) *columns = g->node[i].column + 1;
}
