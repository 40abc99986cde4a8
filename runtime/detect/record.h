// SPDX-License-Identifier: Apache-2.0
//
// Private to emit.c and record*.c: the open record. emit.c begins and ends it, the others write the
// parts that detectors and emit.c put in. All under the record's lock.
#ifndef WEIR_DETECT_RECORD_H
#define WEIR_DETECT_RECORD_H

#include "base/trace.h"
#include "detect/emit.h"
#include "detect/json.h"
#include "os/io.h"

enum { WEIR_OBJECTS_MAX = 1024 };

struct weir_text { // the plain text; what does not fit is cut off
  char *buf;
  size_t len, cap;
};

// HOW_TRY: by weir_race_flush, perhaps with locks of the race detector held.
enum how { HOW_FINDING, HOW_DUMP, HOW_TRY };

struct weir_record {
  struct weir_json j;
  struct weir_text t;
  enum how how;
  struct weir_io_signals signals;
  size_t n_goids;
  uint64_t goids[WEIR_TRACE_LAST_GOROUTINES]; // whose last events are told: who is mentioned first
  size_t n_objects;
  struct {
    struct weir_object_desc d;
    const struct weir_site *use;
  } objects[WEIR_OBJECTS_MAX];
};

void weir_record_say(struct weir_record *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void weir_record_put_objects(struct weir_record *r);
void weir_record_put_frame(struct weir_record *r, const char *key, uintptr_t pc);
void weir_record_say_frame(struct weir_record *r, uintptr_t pc);
void weir_record_put_stack(struct weir_record *r, const char *key, const uintptr_t *pcs, size_t n);
void weir_record_mention(struct weir_record *r, uint64_t goid); // its last events are told
void weir_record_put_events(struct weir_record *r); // record_events.c; before the objects
const char *weir_record_sync_text(unsigned op);     // of an enum weir_sync_op

#endif
