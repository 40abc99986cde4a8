// SPDX-License-Identifier: Apache-2.0
//
// Where sources lie on this machine, for records from another one or from a build in a container.
#ifndef WEIR_MODEL_PATHS_H
#define WEIR_MODEL_PATHS_H

#include <jansson.h>
#include <stdbool.h>

// "FROM=TO": a path that is FROM or below it is TO or below it. The longest FROM counts. False: no
// such form. Keeps the text.
bool weir_paths_map(const char *from_to);

// Every "file" in the record, in place.
void weir_paths_map_record(json_t *record);

#endif
