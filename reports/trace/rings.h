// SPDX-License-Identifier: Apache-2.0
//
// The file of a recorder that has a ring for each goroutine and no chunks: all events in it, by
// time. There are at most as many as the recorder has room for (32 MiB), whatever the file says.
#ifndef WEIR_TRACE_RINGS_H
#define WEIR_TRACE_RINGS_H

#include <stddef.h>
#include <stdint.h>
#include <weir/trace_format.h>

// Of a file of `size` bytes. The caller frees; NULL if there are none.
struct weir_trace_event *weir_rings_read(int fd, const struct weir_trace_header *h, uint64_t size,
                                         size_t *count);

#endif
