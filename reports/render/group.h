// SPDX-License-Identifier: Apache-2.0
//
// Telling alike things apart and putting them together; used by view.c.
#ifndef WEIR_RENDER_GROUP_H
#define WEIR_RENDER_GROUP_H

#include <stddef.h>

struct weir_view;

// number[i] becomes 1, 2, 3 ... for names that occur more than once, in order, and 0 for
// one that is alone.
void weir_number_equals(const char *const *names, size_t n, unsigned *number);

void weir_view_group(struct weir_view *v); // fills v->groups

#endif
