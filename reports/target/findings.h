// SPDX-License-Identifier: Apache-2.0
//
// What was seen of a process, as records of weir.finding/1: the dump of all goroutines, and what
// must be wrong with them.
#ifndef WEIR_TARGET_FINDINGS_H
#define WEIR_TARGET_FINDINGS_H

#include <jansson.h>

#include "target/goroutines.h"

// An array of records, the dump first. The caller drops the reference. `live`: the process goes on,
// so that what is not proven is left out.
json_t *weir_seen_findings(struct weir_target *t, const struct weir_seen *seen, bool live);

#endif
