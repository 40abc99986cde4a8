// SPDX-License-Identifier: Apache-2.0
//
// Where records go: the live reporter, which prints them to standard error, and the file
// log_path.PID. Without a reporter the text made here is printed instead.
#ifndef WEIR_DETECT_SINK_H
#define WEIR_DETECT_SINK_H

#include <stdbool.h>
#include <stddef.h>

// Sends one record (a line of JSON with its newline) and, where there is no reporter, prints
// its plain text (also when json_len is 0). Caller: the record's lock held, all signals blocked.
void weir_sink_write(const char *json, size_t json_len, const char *text, size_t text_len);

// Renders one record on fd and returns when that is done: 0, or -1 if neither the reporter
// nor the plain text got there. The same caller.
int weir_sink_render(int fd, const char *json, size_t json_len, const char *text, size_t text_len);

// At exit: no more records; waits until the reporter has printed all.
void weir_sink_finish(void);

bool weir_sink_failed(void); // something could not be written: exit status 3

#endif
