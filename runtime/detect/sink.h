// SPDX-License-Identifier: Apache-2.0
//
// Where records go: the live reporter, which prints them to standard error, and the file
// log_path.PID. Without a reporter the text made here is printed instead.
//
// Where suppressions are given, the reporter answers for each record, and the caller waits: what
// is suppressed counts for nothing, and its record is marked in the file.
#ifndef WEIR_DETECT_SINK_H
#define WEIR_DETECT_SINK_H

#include <stdbool.h>
#include <stddef.h>

// Room that must be left behind the JSON for the mark.
enum { WEIR_SINK_MARK_ROOM = 8192 };

// Sends one record (a line of JSON with its newline) and, where there is no reporter, prints
// its plain text (also when json_len is 0). False: it is suppressed. Caller: the record's lock
// held, all signals blocked.
bool weir_sink_write(char *json, size_t json_len, const char *text, size_t text_len);
// A note on earlier records, one line of JSON: to the reporter and the file. The same caller.
void weir_sink_note(const char *json, size_t json_len);

// Renders one record on fd and returns when that is done: 0, or -1 if neither the reporter
// nor the plain text got there. The same caller.
int weir_sink_render(int fd, const char *json, size_t json_len, const char *text, size_t text_len);

// At exit: no more records; waits until the reporter has printed all.
void weir_sink_finish(void);

unsigned long weir_sink_kept(void); // records of this process that were not suppressed
bool weir_sink_failed(void);        // something could not be written or read: exit status 3

#endif
