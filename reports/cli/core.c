// SPDX-License-Identifier: Apache-2.0
//
// `weir core` and `weir attach`: the goroutines of a process that crashed, hangs or runs, as one
// dump, and what can be told to be wrong with them. The records are those of every other finding.
//
// Statuses: 0 shown, 66 something is wrong, 2 usage, 3 it could not be read or written.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "model/symbolize.h"
#include "render/render.h"
#include "render/source.h"
#include "target/findings.h"

static const char *output;
static enum weir_color color;

static bool set_color(const char *value) {
  return weir_color_parse(value, &color);
}

static const struct weir_option options[] = {
    {"output", "FILE", "write the records to FILE, for `weir report`, and show nothing", NULL,
     &output, NULL},
    {"color", "auto|always|never", "colour of what is printed", NULL, NULL, set_color},
    {0}};
static const struct weir_usage core_usage = {
    "core", "[options] PROGRAM CORE",
    "Shows all goroutines of a process that left a core: where each is, what it waits for\n"
    "since when, what it holds, who created it; and those that wait for each other's locks.\n"
    "PROGRAM is the file that ran, built with `weir cc`; it may be stripped if its debug\n"
    "file is where debuggers look. Ends 66 if something is wrong.\n",
    "  weir core ./server core.4711\n"
    "  weir core --output=crash.jsonl ./server core && weir report html crash.jsonl -o "
    "crash.html\n",
    options};
static const struct weir_usage attach_usage = {
    "attach", "[options] PID",
    "The same for a process that runs or hangs. It stands still for as long as that takes,\n"
    "which is said, and goes on; it need not have been started in any special way. Needs the\n"
    "right to trace it, as debuggers do.\n",
    "  weir attach $(pidof server)\n", options};

// --- output --------------------------------------------------------------------------------

static int write_records(const json_t *records) {
  struct weir_buf b = {0};
  size_t i;
  json_t *record;
  json_array_foreach(records, i, record) {
    char *line = json_dumps(record, JSON_COMPACT);
    weir_buf_add(&b, line ? line : "");
    weir_buf_add(&b, "\n");
    free(line);
  }
  int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int error = fd < 0 ? -errno : weir_write_all(fd, b.data, b.len);
  if (fd >= 0 && close(fd) != 0 && !error) error = -errno;
  weir_buf_free(&b);
  if (error) fprintf(stderr, "weir: cannot write %s: %s\n", output, strerror(-error));
  return error ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN;
}

static int show_records(json_t *records) {
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct weir_buf b = {0};
  size_t i;
  json_t *record;
  json_array_foreach(records, i, record) {
    struct weir_finding *f = weir_finding_from_json(json_incref(record), symbolizer);
    if (!f) continue;
    if (b.len) weir_buf_add(&b, "\n");
    weir_render_text(f, weir_color_wanted(color, STDOUT_FILENO), &b);
    weir_finding_free(f);
  }
  int error = weir_write_all(STDOUT_FILENO, b.data ? b.data : "", b.len);
  if (error) fprintf(stderr, "weir: cannot write to standard output: %s\n", strerror(-error));
  weir_buf_free(&b);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return error ? WEIR_EXIT_FAILED : WEIR_EXIT_CLEAN;
}

static int put_out(json_t *records) {
  int status = output ? write_records(records) : show_records(records);
  if (status) return status;
  return json_array_size(records) > 1 ? WEIR_EXIT_FINDINGS : WEIR_EXIT_CLEAN;
}

// --- the verbs -------------------------------------------------------------------------------

static void say(const struct weir_seen *seen, const char *from) {
  fprintf(stderr, "weir: %zu goroutine%s%s\n", seen->count, seen->count == 1 ? "" : "s", from);
  if (seen->lost)
    fprintf(
        stderr,
        "weir: %zu more cannot be read: the memory that describes them is damaged or not in the "
        "core (gcore leaves it out; `weir attach` and cores that the kernel writes do not)\n",
        seen->lost);
}

int weir_verb_core(int argc, char **argv) {
  int first = weir_options_parse(&core_usage, argc, argv), status = WEIR_EXIT_FAILED;
  if (first == WEIR_OPTIONS_HELP) return WEIR_EXIT_CLEAN;
  if (first == WEIR_OPTIONS_BAD) return WEIR_EXIT_USAGE;
  if (argc - first != 2)
    return weir_usage_error(&core_usage, "give the program and its core, %s",
                            argc - first < 2 ? "not less" : "nothing more");
  struct weir_target *t = weir_target_core("core", argv[first], argv[first + 1]);
  struct weir_seen seen = {0};
  if (t && weir_seen_read(t, "core", &seen)) {
    json_t *records = weir_seen_findings(t, &seen, false);
    say(&seen, "");
    status = put_out(records);
    json_decref(records);
  }
  weir_seen_free(&seen);
  weir_target_close(t);
  return status;
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int weir_verb_attach(int argc, char **argv) {
  int first = weir_options_parse(&attach_usage, argc, argv), status = WEIR_EXIT_FAILED;
  if (first == WEIR_OPTIONS_HELP) return WEIR_EXIT_CLEAN;
  if (first == WEIR_OPTIONS_BAD) return WEIR_EXIT_USAGE;
  if (argc - first != 1) return weir_usage_error(&attach_usage, "give the number of one process");
  char *end;
  long pid = strtol(argv[first], &end, 10);
  if (*end || pid <= 0 || pid > 1 << 22)
    return weir_usage_error(&attach_usage, "'%s' is no number of a process", argv[first]);
  double begun = seconds();
  struct weir_target *t = weir_target_attach("attach", (int)pid);
  struct weir_seen seen = {0};
  bool read = t && weir_seen_read(t, "attach", &seen);
  if (t) weir_target_resume(t);
  if (read) {
    char stood[64];
    snprintf(stood, sizeof stood, "; the process stood still for %.0f ms",
             (seconds() - begun) * 1e3);
    json_t *records = weir_seen_findings(t, &seen, true);
    say(&seen, stood);
    status = put_out(records);
    json_decref(records);
  }
  weir_seen_free(&seen);
  weir_target_close(t);
  return status;
}
