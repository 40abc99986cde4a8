// SPDX-License-Identifier: Apache-2.0
//
// Output that may be large: a buffer in front of a descriptor. The first error is kept and all that
// follows dropped. Numbers are written by hand, as ten million events go through here.
#ifndef WEIR_TRACE_OUT_H
#define WEIR_TRACE_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_trace_out {
  int fd, error; // 0 or errno
  size_t n;
  char buf[1 << 16];
};

void weir_out_open(struct weir_trace_out *o, int fd);
int weir_out_flush(struct weir_trace_out *o); // 0 or errno
void weir_out_add(struct weir_trace_out *o, const char *text, size_t n);
void weir_out_text(struct weir_trace_out *o, const char *text);
void weir_out_number(struct weir_trace_out *o, uint64_t value);
void weir_out_us(struct weir_trace_out *o, int64_t ns); // "12.345", without zeros at its end
void weir_out_json(struct weir_trace_out *o, const char *text); // quoted and escaped

#endif
