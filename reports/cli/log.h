// SPDX-License-Identifier: Apache-2.0
//
// The finding files of one run: PREFIX.PID, one for each process that found something.
#ifndef WEIR_CLI_LOG_H
#define WEIR_CLI_LOG_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <time.h>

struct weir_log {
  char prefix[PATH_MAX]; // what the runtime is given as log_path
  struct timespec since; // older files with this prefix are another run's
};

struct weir_log_sum {
  int files;
  long findings;         // records that are findings and count: a dump does not
  long suppressed;       // records that were suppressed
  json_t *suppressed_by; // "FILE:LINE" to how many; NULL where there are none; the caller's
  char first[PATH_MAX];
};

// Makes the folder of prefix where it is missing and checks that a file can be
// made there. False after one message that begins "weir VERB: ".
bool weir_log_open(struct weir_log *log, const char *verb, const char *prefix);

// Counts what the run left. With `keep`, all of it is moved into that one file, which
// then also exists when there is nothing. False after one message.
// The recorder's files of the run, PREFIX.PID.trace: those of processes that ended by themselves
// are removed; `exited`: the one that did whatever its file says, or 0. The number of the others;
// `first` is one of them.
int weir_log_recorders(const struct weir_log *log, pid_t exited, char first[PATH_MAX]);
#define WEIR_LOG_RECORDER ".%p.trace" // behind the prefix: the option recorder_file

bool weir_log_close(const struct weir_log *log, const char *verb, const char *keep,
                    struct weir_log_sum *sum);

#endif
