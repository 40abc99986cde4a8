// SPDX-License-Identifier: Apache-2.0
//
// Puts names into a record, in place: every "stack" and every "...at" frame gets
// function, file, line and column, frames that nobody wants to see are marked
// "hidden", a global gets its variable's name. What already has names is left alone.
#ifndef WEIR_MODEL_ANNOTATE_H
#define WEIR_MODEL_ANNOTATE_H

#include <jansson.h>

struct weir_symbolizer;

void weir_record_annotate(json_t *record, struct weir_symbolizer *symbolizer);

#endif
