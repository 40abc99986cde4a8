// SPDX-License-Identifier: Apache-2.0
//
// Goroutines that are alike, counted: same wait, stack, labels and creation. A report of ten
// thousand leaked workers has one block then, not ten thousand.
#ifndef WEIR_DETECT_GROUPS_H
#define WEIR_DETECT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>

#include "sched/inspect.h"

enum { WEIR_GROUPS_MAX = 512, WEIR_GROUP_IDS = 16 };

struct weir_group {
  struct weir_g *g; // the first of them
  uint64_t id, hash;
  unsigned long count;
  uint64_t ids[WEIR_GROUP_IDS]; // the first ones
};

struct weir_groups {
  size_t n;
  unsigned long total;    // goroutines taken in
  unsigned long left_out; // of groups beyond the table
  struct weir_group group[WEIR_GROUPS_MAX];
};

// Takes in every goroutine that `want` accepts. Meant for goroutines at rest.
void weir_groups_collect(struct weir_groups *out, bool (*want)(const struct weir_g_view *view));

#endif
