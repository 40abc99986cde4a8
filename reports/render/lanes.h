// SPDX-License-Identifier: Apache-2.0
//
// A picture of what happened in which order: a lane down the page for each goroutine, a row for
// each event, its words beside the lanes, where no line crosses them. lanes.c draws it; who makes
// one fills in lanes and rows. Rows beyond LANES_ROWS_MAX are not taken.
#ifndef WEIR_RENDER_LANES_H
#define WEIR_RENDER_LANES_H

#include "render/view.h"

enum { WEIR_LANES_MAX = 8, WEIR_LANE_ROWS_MAX = 96 };

enum weir_lane_mark {
  WEIR_MARK_DOT,   // it did something
  WEIR_MARK_BEGIN, // the lane begins here
  WEIR_MARK_BLOCK, // it waits from here on
  WEIR_MARK_WAKE,  // until here
  WEIR_MARK_END,   // the lane ends here
  WEIR_MARK_FAULT, // what the finding is about
  WEIR_MARK_NONE,  // words only
};

struct weir_lane_row {
  int lane; // -1: of none
  enum weir_lane_mark mark;
  int starts;              // the lane that this starts, -1: none
  int from;                // the row that led to this one, -1: none
  const char *when, *what; // "-1.5 ms"
  const char *at;
};

struct weir_lanes {
  uint64_t lane[WEIR_LANES_MAX]; // of which goroutine
  int lanes;
  struct weir_lane_row row[WEIR_LANE_ROWS_MAX];
  int rows;
  int apart[2]; // two rows that nothing orders; both -1: none
  bool timed;   // there is a `when`
  const char *says;
};

struct weir_lanes *weir_lanes_new(struct weir_view *v, const char *says);
int weir_lanes_lane(struct weir_lanes *l, uint64_t goroutine); // made if it is new; -1: no room
int weir_lanes_find(const struct weir_lanes *l, uint64_t goroutine);
int weir_lanes_row(struct weir_lanes *l, struct weir_lane_row row); // its number, -1: no room
void weir_lanes_draw(struct weir_view *v, const struct weir_lanes *l, size_t number,
                     struct weir_buf *out);

#endif
