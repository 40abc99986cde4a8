// SPDX-License-Identifier: Apache-2.0
//
// sink.h. The reporter is `weir report --live` on one end of a socket pair, started with the
// first record. State belongs to the process that made it: a child of fork(2) has the descriptors
// too, but starts its own reporter and file with its first record.
//
// Guarded by the record's lock (emit.c). A program may close or reuse descriptors it never
// opened; so ours are checked to be still ours before each use.
//
// A failure is said once, on standard error, and remembered for the exit status; the program
// goes on.
#define _GNU_SOURCE
#include "detect/sink.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/suppress.h"
#include "os/io.h"
#include "os/spawn.h"

enum { PATH_SIZE = 4096, ENV_MAX = 4096 };
static const int64_t finish_ns = 10000000000, verdict_ns = 10000000000;

struct channel {
  int fd;
  uint64_t identity;
};

static struct {
  int pid; // of the process this state belongs to; 0: none yet
  struct channel reporter, log;
  bool reporter_tried, log_tried;
  bool unfiltered; // it was said that there is no reporter to apply the suppressions
  bool failed;
  atomic_ulong kept;
} sink = {.reporter.fd = -1, .log.fd = -1};

extern char **environ;

// --- finding the reporter ------------------------------------------------------

static bool take(char *out, const char *dir, size_t dir_len, const char *leaf) {
  if (dir_len + strlen(leaf) + 2 > PATH_SIZE) return false;
  memcpy(out, dir, dir_len);
  out[dir_len] = 0;
  if (dir_len) strcat(out, "/");
  strcat(out, leaf);
  return weir_io_executable(out);
}

static bool beside(char *out, const char *file, const char *leaf) {
  const char *slash = strrchr(file, '/');
  return slash && take(out, file, (size_t)(slash - file), leaf);
}

// The first of a ':'-separated list of folders that holds it.
static bool in_one_of(char *out, const char *path) {
  while (path && *path) {
    size_t n = strcspn(path, ":");
    if (n && take(out, path, n, "weir")) return true;
    path += n + (path[n] == ':');
  }
  return false;
}

static bool find_reporter(char *out) {
  const char *given = weir_flags.reporter[0] ? weir_flags.reporter : getenv("WEIR_REPORTER");
  if (given && given[0]) {
    if (take(out, "", 0, given)) return true;
    weir_warn("the reporter %s cannot be run; findings are printed without names", given);
    return false;
  }
  char exe[PATH_SIZE];
  if (weir_io_read_link("/proc/self/exe", exe, sizeof exe) > 0 && beside(out, exe, "weir"))
    return true;
#ifdef WEIR_SHARED
  Dl_info self;
  if (dladdr((void *)find_reporter, &self) && self.dli_fname &&
      (beside(out, self.dli_fname, "weir") || beside(out, self.dli_fname, "../bin/weir")))
    return true;
#endif
#ifdef WEIR_REPORTER_DEFAULT // folders: of the build, of the installation
  if (in_one_of(out, WEIR_REPORTER_DEFAULT)) return true;
#endif
  return in_one_of(out, getenv("PATH"));
}

// --- starting it -----------------------------------------------------------------

// The reporter is a program like any other: what the user set for *this* program (preloaded
// libraries, our own options) must not reach it.
static bool kept(const char *entry) {
  static const char *const drop[] = {"LD_PRELOAD=", "WEIR_OPTIONS=", "WEIR_REPORT_COLOR="};
  for (size_t i = 0; i < sizeof drop / sizeof *drop; i++)
    if (strncmp(entry, drop[i], strlen(drop[i])) == 0) return false;
  return true;
}

static char **reporter_environment(void) {
  static char *envp[ENV_MAX + 2];
  static char color[64];
  size_t n = 0;
  for (char **e = environ; e && *e && n < ENV_MAX; e++)
    if (kept(*e)) envp[n++] = *e;
  strcpy(color, "WEIR_REPORT_COLOR=");
  strncat(color, weir_flags.color, sizeof color - strlen(color) - 1);
  envp[n++] = color;
  envp[n] = NULL;
  return envp;
}

// Starts the reporter with the given arguments and output; *fd is our end of its input.
static int start_reporter(char *const argv[], int out_fd, int *fd) {
  static char path[PATH_SIZE];
  if (!find_reporter(path)) return -ENOENT;
  int theirs;
  int err = weir_io_pair(fd, &theirs);
  if (err) return err;
  ((char **)argv)[0] = path;
  err = weir_spawn(path, argv, reporter_environment(), theirs, out_fd);
  weir_io_close(theirs);
  if (err) weir_io_close(*fd);
  return err;
}

static void start_live(void) {
  sink.reporter_tried = true;
  char *argv[3 + WEIR_SUPPRESS_ARGS + 1] = {NULL, "report", "--live"};
  argv[3 + weir_suppress_args(argv + 3)] = NULL;
  int err = start_reporter(argv, STDERR_FILENO, &sink.reporter.fd);
  if (err) {
    sink.reporter.fd = -1;
    if (err != -ENOENT) weir_warn("the reporter could not be started: %s", strerrordesc_np(-err));
    return;
  }
  sink.reporter.identity = weir_io_identity(sink.reporter.fd);
}

// --- the file ----------------------------------------------------------------------

static void log_failed(int err) {
  if (!sink.failed)
    weir_warn("findings cannot be kept in %s.%d: %s", weir_flags.log_path, weir_io_pid(),
              strerrordesc_np(-err));
  sink.failed = true;
}

static void append_pid(char *out, const char *path, int pid) {
  char digits[16];
  int n = 0;
  strcpy(out, path);
  strcat(out, ".");
  for (; pid || !n; pid /= 10)
    digits[n++] = (char)('0' + pid % 10);
  for (char *end = out + strlen(out); n > 0; *end = 0)
    *end++ = digits[--n];
}

static void open_log(void) {
  char path[PATH_SIZE];
  sink.log_tried = true;
  if (!weir_flags.log_path[0]) return;
  if (strlen(weir_flags.log_path) > PATH_SIZE - 16) {
    log_failed(-ENAMETOOLONG);
    return;
  }
  append_pid(path, weir_flags.log_path, weir_io_pid());
  sink.log.fd = weir_io_open_append(path);
  if (sink.log.fd < 0) log_failed(sink.log.fd);
  sink.log.identity = weir_io_identity(sink.log.fd);
}

// --- records -------------------------------------------------------------------------

// In a child of fork, forget the parent's connection; the reporter and the file are its.
static void own_state(void) {
  int pid = weir_io_pid();
  if (sink.pid == pid) return;
  if (sink.pid) {
    if (sink.reporter.fd >= 0) weir_io_close(sink.reporter.fd);
    if (sink.log.fd >= 0) weir_io_close(sink.log.fd);
  }
  sink.reporter.fd = sink.log.fd = -1;
  sink.reporter_tried = sink.log_tried = sink.unfiltered = false;
  atomic_store_explicit(&sink.kept, 0, memory_order_relaxed);
  sink.pid = pid;
}

static bool still_ours(const struct channel *c) {
  return c->fd >= 0 && weir_io_identity(c->fd) == c->identity;
}

// The program has closed it, and perhaps the number is somebody else's now: start anew.
static bool taken_away(struct channel *c) {
  if (c->fd < 0 || still_ours(c)) return false;
  c->fd = -1;
  return true;
}

static bool to_reporter(const char *json, size_t n) {
  if (!sink.reporter_tried || taken_away(&sink.reporter)) start_live();
  if (sink.reporter.fd < 0) return false;
  int err = weir_io_send(sink.reporter.fd, json, n);
  if (!err) return true;
  weir_warn("the reporter went away (%s); findings are printed without names",
            strerrordesc_np(-err));
  weir_io_close(sink.reporter.fd);
  sink.reporter.fd = -1;
  return false;
}

// Why the last record is suppressed, as JSON text; "": it is not. False: the reporter is lost, and
// perhaps the record with it.
static bool verdict(char *rule, size_t size) {
  long n = weir_io_receive_line(sink.reporter.fd, rule, size, verdict_ns);
  if (n >= 0) return true;
  rule[0] = 0;
  weir_warn("the reporter does not answer (%s); findings are printed without names",
            strerrordesc_np((int)-n));
  weir_io_close(sink.reporter.fd);
  sink.reporter.fd = -1;
  return false;
}

// Puts "suppressed" in front of the brace that ends the record.
static size_t mark(char *json, size_t n, const char *rule) {
  static const char member[] = ",\"suppressed\":";
  n -= strlen("}\n");
  memcpy(json + n, member, strlen(member));
  n += strlen(member);
  memcpy(json + n, rule, strlen(rule));
  n += strlen(rule);
  memcpy(json + n, "}\n", 2);
  return n + 2;
}

static void to_log(const char *json, size_t n) {
  if (!sink.log_tried || taken_away(&sink.log)) open_log();
  if (sink.log.fd < 0) return;
  int err = weir_io_write(sink.log.fd, json, n);
  if (err) log_failed(err);
}

static void say_unfiltered(void) {
  if (!sink.unfiltered)
    weir_warn("suppressions need the reporter, which is not there: every finding counts");
  sink.unfiltered = true;
}

// Sends it and waits for the answer; the record is marked where it is suppressed.
static bool suppressed(char *json, size_t *json_len, bool *printed) {
  char rule[WEIR_SINK_MARK_ROOM - 64] = "";
  if (*json_len == 0) return false;
  *printed = to_reporter(json, *json_len) && verdict(rule, sizeof rule);
  if (!*printed) say_unfiltered();
  if (!rule[0]) return false;
  *json_len = mark(json, *json_len, rule);
  return true;
}

bool weir_sink_write(char *json, size_t json_len, const char *text, size_t text_len) {
  bool printed = false, hidden = false, ask = weir_suppress_on();
  own_state();
  if (ask) hidden = suppressed(json, &json_len, &printed);
  if (json_len > 0) to_log(json, json_len);
  if (!ask) printed = json_len > 0 && to_reporter(json, json_len);
  if (!printed && weir_io_write(STDERR_FILENO, text, text_len) != 0) sink.failed = true;
  if (!hidden) atomic_fetch_add_explicit(&sink.kept, 1, memory_order_relaxed);
  return !hidden;
}

void weir_sink_note(const char *json, size_t json_len) {
  if (sink.pid != weir_io_pid()) return;
  if (still_ours(&sink.log)) to_log(json, json_len);
  if (still_ours(&sink.reporter)) to_reporter(json, json_len);
}

unsigned long weir_sink_kept(void) {
  return sink.pid == weir_io_pid() ? atomic_load_explicit(&sink.kept, memory_order_relaxed) : 0;
}

int weir_sink_render(int fd, const char *json, size_t json_len, const char *text, size_t text_len) {
  char *argv[] = {NULL, "report", "show", "-", NULL};
  int to;
  int err = json_len > 0 ? start_reporter(argv, fd, &to) : -ENOENT;
  if (!err) {
    err = weir_io_send(to, json, json_len);
    if (!err && weir_io_finish(to, finish_ns) < 0) err = -ETIMEDOUT;
    weir_io_close(to);
    if (!err) return 0;
  }
  return weir_io_write(fd, text, text_len) == 0 ? 0 : -1;
}

// A clean run too shall say which suppressions were not used, and which lines are no good.
static void start_for_suppressions(void) {
  if (!weir_suppress_on() || !weir_suppress_is_mine() || sink.reporter_tried) return;
  own_state();
  start_live();
}

void weir_sink_finish(void) {
  start_for_suppressions();
  if (sink.pid != weir_io_pid()) return;
  if (still_ours(&sink.reporter)) {
    long said = weir_io_finish(sink.reporter.fd, finish_ns);
    if (said < 0) weir_warn("the reporter did not finish within 10 s");
    if (said != 0) sink.failed = true; // it says only that suppressions could not be used
    weir_io_close(sink.reporter.fd);
    sink.reporter.fd = -1;
  }
  if (still_ours(&sink.log)) weir_io_close(sink.log.fd);
  sink.log.fd = -1;
}

bool weir_sink_failed(void) {
  return sink.failed || weir_suppress_failed();
}
