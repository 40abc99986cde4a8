// SPDX-License-Identifier: Apache-2.0
//
// Who waits for what, as a graph: goroutines (those that are alike are one node) and the objects
// they wait for. An edge leads from a goroutine to what it waits for, and from an object to who has
// it, who alone could end the wait, or, where none of that is known, who last did.
#ifndef WEIR_RENDER_WAIT_GRAPH_H
#define WEIR_RENDER_WAIT_GRAPH_H

#include "render/view.h"

enum { WEIR_NODES_MAX = 40, WEIR_EDGES_MAX = 80 };

struct weir_wait_node {
  uint64_t goroutine; // of an object 0
  int object;         // of a goroutine -1
  const char *text, *detail;
  int column, row; // layout
  bool placed;
  double x, y; // of its corner
};

enum weir_wait_kind { WEIR_WAITS, WEIR_HAS, WEIR_COULD, WEIR_DID };

struct weir_wait_edge {
  int from, to; // nodes
  enum weir_wait_kind kind;
  const char *text, *at;
};

struct weir_wait_graph {
  struct weir_wait_node node[WEIR_NODES_MAX];
  struct weir_wait_edge edge[WEIR_EDGES_MAX];
  int nodes, edges;
};

// False if nobody waits for anything.
bool weir_wait_graph_make(struct weir_view *v, struct weir_wait_graph *g);
// Gives each node its column and row, from 0 on.
void weir_wait_graph_place(struct weir_wait_graph *g, int *columns, int *rows);

#endif
