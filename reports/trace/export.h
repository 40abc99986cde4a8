// SPDX-License-Identifier: Apache-2.0
//
// The forms of a trace: one function each. They read it once, write as they read, and return 0 or
// an errno of the output.
#ifndef WEIR_TRACE_EXPORT_H
#define WEIR_TRACE_EXPORT_H

#include "trace/out.h"
#include "trace/play.h"

struct weir_trace_export {
  struct weir_trace *trace;
  struct weir_trace_names *names;
  struct weir_trace_out *out;
  struct weir_part part;
  bool (*progress)(void *arg, unsigned percent);
};

int weir_trace_list(struct weir_trace_export *e);
int weir_trace_summary(struct weir_trace_export *e);
int weir_trace_perfetto(struct weir_trace_export *e);

enum weir_profile {
  WEIR_PROFILE_BLOCK,
  WEIR_PROFILE_MUTEX,
  WEIR_PROFILE_GOROUTINE,
  WEIR_PROFILE_LEAK,
  WEIR_PROFILES
};
extern const char *const weir_profile_names[WEIR_PROFILES + 1]; // NULL at the end
int weir_trace_pprof(struct weir_trace_export *e, enum weir_profile kind);

#endif
