// SPDX-License-Identifier: Apache-2.0
//
// Predicted misuse: two calls on one object that nothing orders, and that end badly in the other
// order. The race detector finds them (hb/use.c) and race.c collects them as it does data
// races; what they are and how they are said is here.
#ifndef WEIR_DETECT_PREDICT_H
#define WEIR_DETECT_PREDICT_H

#include <stdbool.h>

#include "base/hooks.h"
#include "detect/emit.h"

// What two unordered calls are: WEIR_F_COUNT if nothing. Either order.
enum weir_finding_id weir_predict_id(enum weir_use a, enum weir_use b);
// Looks at the object, which must be there: the caller is in one of the two calls.
void weir_predict_describe(enum weir_use use, const void *object, struct weir_object_desc *out);
const char *weir_predict_what(enum weir_use use); // one word
// The record's message; later and earlier name the two goroutines.
struct weir_record *weir_predict_begin(enum weir_finding_id id, const char *later,
                                       enum weir_use now, const char *earlier,
                                       enum weir_use before);

#endif
