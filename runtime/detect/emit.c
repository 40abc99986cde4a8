// SPDX-License-Identifier: Apache-2.0
//
// emit.h. The record is written into one big reservation of address space (pages come on
// touch), the plain text into another; both are reused, under record.lock. That lock is
// innermost: nothing that can take another lock of the runtime is called with it held but
// reads of inspect.h.
//
// Its parts are in record.c; modules come last, when all frames are known.
#define _GNU_SOURCE
#include "detect/emit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/modules.h"
#include "detect/race.h"
#include "detect/record.h"
#include "detect/sink.h"
#include "os/lock.h"
#include "os/memory.h"

enum { JSON_ROOM = 64 << 20, TEXT_ROOM = 16 << 20, ARGV_ROOM = 16384 };

static struct weir_record record; // record_lock
static struct weir_lock record_lock;
static unsigned long sequence; // record_lock

static const struct {
  const char *id, *certainty;
} kinds[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) {id, certainty},
#include <weir/findings.def>
};

static void put_time(struct weir_json *j) {
  int64_t ns = weir_io_wall_ns(), s = ns / 1000000000, days = s / 86400, sod = s % 86400;
  // Civil date of a day count, with years that begin in March so that leap days come last.
  int64_t z = days + 719468, era = z / 146097, doe = z % 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  int64_t year = yoe + era * 400 + (month <= 2);
  char text[40];
  snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, (int)month,
           (int)day, (int)(sod / 3600), (int)(sod / 60 % 60), (int)(sod % 60),
           (int)(ns / 1000000 % 1000));
  weir_json_text(j, "time", text);
}

static void put_argv(struct weir_json *j, const char *argv, long n) {
  weir_json_open(j, "argv", '[');
  for (long i = 0; i < n;) {
    size_t len = strnlen(argv + i, (size_t)(n - i));
    weir_json_bytes(j, NULL, argv + i, len);
    i += (long)len + 1;
  }
  weir_json_close(j, ']');
}

static void put_program(struct weir_json *j) {
  static char argv[ARGV_ROOM], path[4096];
  long n = weir_io_read_file("/proc/self/cmdline", argv, sizeof argv);
  weir_json_open(j, "program", '{');
  weir_io_read_link("/proc/self/exe", path, sizeof path);
  weir_json_text(j, "exe", path);
  put_argv(j, argv, n);
  weir_io_cwd(path, sizeof path);
  weir_json_text(j, "cwd", path);
  weir_json_close(j, '}');
  weir_json_open(j, "reproduce", '{');
  put_argv(j, argv, n);
  const char *options = getenv("WEIR_OPTIONS");
  weir_json_text(j, "options", options ? options : "");
  weir_json_close(j, '}');
}

// --- begin and end -------------------------------------------------------------------

static void map_once(char **buf, size_t *cap, size_t want) {
  static char last_resort[2][65536];
  if (*buf) return;
  for (*cap = want; *cap >= (1u << 20); *cap /= 2)
    if ((*buf = weir_mem_map(*cap)) != NULL) return;
  *buf = last_resort[want == TEXT_ROOM];
  *cap = sizeof last_resort[0];
}

static struct weir_record *begin(const char *id, const char *certainty, const char *format,
                                 va_list args, enum how how) {
  struct weir_io_signals signals;
  weir_io_signals_block(&signals);
  if (how != HOW_TRY) {
    weir_lock_acquire(&record_lock);
  } else if (!weir_lock_try(&record_lock)) {
    weir_io_signals_restore(&signals);
    return NULL;
  }
  struct weir_record *r = &record;
  r->signals = signals;
  r->how = how;
  r->n_objects = r->n_goids = 0;
  r->t.len = 0;
  map_once(&r->j.buf, &r->j.cap, JSON_ROOM);
  map_once(&r->t.buf, &r->t.cap, TEXT_ROOM);
  weir_json_init(&r->j, r->j.buf, r->j.cap - 1 - WEIR_SINK_MARK_ROOM); // room for the newline too
  weir_modules_snapshot();
  char message[1024];
  vsnprintf(message, sizeof message, format, args);
  struct weir_json *j = &r->j;
  weir_json_open(j, NULL, '{');
  weir_json_text(j, "schema", "weir.finding/1");
  weir_json_text(j, "id", id);
  weir_json_text(j, "certainty", certainty);
  weir_json_text(j, "message", message);
  weir_json_int(j, "pid", weir_io_pid());
  weir_json_int(j, "seq", (int64_t)++sequence);
  put_time(j);
  put_program(j);
  if (how == HOW_DUMP)
    weir_record_say(r, "%s\n\n", message);
  else
    weir_record_say(r, "==================\nWEIR: %s: %s\n  [%s]\n\n", id, message, certainty);
  return r;
}

struct weir_record *weir_record_begin(enum weir_finding_id id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, kinds[id].certainty, format, args, HOW_FINDING);
  va_end(args);
  return r;
}

struct weir_record *weir_record_begin_as(enum weir_finding_id id, const char *certainty,
                                         const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, certainty, format, args, HOW_FINDING);
  va_end(args);
  return r;
}

struct weir_record *weir_record_try_begin(enum weir_finding_id id, const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, kinds[id].certainty, format, args, HOW_TRY);
  va_end(args);
  return r;
}

struct weir_record *weir_record_try_begin_as(enum weir_finding_id id, const char *certainty,
                                             const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin(kinds[id].id, certainty, format, args, HOW_TRY);
  va_end(args);
  return r;
}

struct weir_record *weir_record_begin_dump(const char *format, ...) {
  va_list args;
  va_start(args, format);
  struct weir_record *r = begin("goroutine-dump", "observed", format, args, HOW_DUMP);
  va_end(args);
  return r;
}

static void put_modules(struct weir_json *j) {
  weir_json_open(j, "modules", '[');
  for (size_t i = 0; i < weir_modules_used(); i++) {
    const struct weir_module *m = weir_modules_at(i);
    char hex[2 * sizeof m->build_id + 1];
    for (unsigned b = 0; b < m->build_id_len; b++)
      snprintf(hex + 2 * b, 3, "%02x", m->build_id[b]);
    hex[2 * m->build_id_len] = 0;
    weir_json_open(j, NULL, '{');
    weir_json_text(j, "path", m->path);
    weir_json_text(j, "build_id", hex);
    weir_json_address(j, "base", m->base);
    weir_json_close(j, '}');
  }
  weir_json_close(j, ']');
}

// Closes the JSON line and the text. False: it did not fit.
static bool complete(struct weir_record *r) {
  struct weir_json *j = &r->j;
  if (r->how != HOW_DUMP) weir_record_put_events(r);
  weir_record_put_objects(r);
  put_modules(j);
  if (weir_trace_path()[0])
    weir_json_text(j, "trace", weir_trace_path());
  else
    weir_json_null(j, "trace");
  weir_json_close(j, '}');
  WEIR_CHECK(j->depth == 0);
  if (!j->full) j->buf[j->len++] = '\n';
  return !j->full;
}

static void say_how_to_render(struct weir_record *r) {
  weir_record_say(
      r, "\nWithout the reporter, functions have no names. With names: put `weir` on PATH or\n"
         "set WEIR_OPTIONS=reporter=/path/to/weir and run again");
  if (weir_flags.log_path[0])
    weir_record_say(r, ", or: weir report show %s.%d", weir_flags.log_path, weir_io_pid());
  weir_record_say(r, "\n==================\n");
}

static void release(struct weir_record *r) {
  struct weir_io_signals signals = r->signals;
  enum how how = r->how;
  weir_lock_release(&record_lock);
  weir_io_signals_restore(&signals);
  if (how != HOW_TRY) weir_race_flush(); // what was found meanwhile and could not wait
}

bool weir_record_end(struct weir_record *r) {
  bool fits = complete(r);
  if (!fits) weir_warn("a finding is too large for its record; it is shortened to its text");
  say_how_to_render(r);
  bool kept = weir_sink_write(r->j.buf, fits ? r->j.len : 0, r->t.buf, r->t.len);
  release(r);
  return kept && weir_flags.halt_on_error;
}

unsigned long weir_record_number(const struct weir_record *r) {
  (void)r;
  return sequence;
}

void weir_record_seen(unsigned long number, unsigned long more) {
  struct weir_io_signals signals;
  char line[256];
  struct weir_json j;
  weir_io_signals_block(&signals);
  if (!weir_lock_try(&record_lock)) {
    weir_io_signals_restore(&signals);
    return;
  }
  weir_json_init(&j, line, sizeof line - 1);
  weir_json_open(&j, NULL, '{');
  weir_json_text(&j, "schema", "weir.seen/1");
  weir_json_int(&j, "pid", weir_io_pid());
  weir_json_int(&j, "seq", (int64_t)number);
  weir_json_int(&j, "more", (int64_t)more);
  weir_json_close(&j, '}');
  line[j.len++] = '\n';
  weir_sink_note(line, j.len);
  weir_lock_release(&record_lock);
  weir_io_signals_restore(&signals);
}

void weir_record_abandon(struct weir_record *r) {
  sequence--;
  release(r);
}

int weir_record_end_on(struct weir_record *r, int fd) {
  bool fits = complete(r);
  say_how_to_render(r);
  int err = weir_sink_render(fd, r->j.buf, fits ? r->j.len : 0, r->t.buf, r->t.len);
  release(r);
  return err;
}
