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
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/flags.h"
#include "os/io.h"
#include "os/spawn.h"

enum { PATH_SIZE = 4096, ENV_MAX = 4096 };
static const int64_t finish_ns = 10000000000;

struct channel {
  int fd;
  uint64_t identity;
};

static struct {
  int pid; // of the process this state belongs to; 0: none yet
  struct channel reporter, log;
  bool reporter_tried, log_tried;
  bool failed;
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
  char *argv[] = {NULL, "report", "--live", NULL};
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
  sink.reporter_tried = sink.log_tried = false;
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

static void to_log(const char *json, size_t n) {
  if (!sink.log_tried || taken_away(&sink.log)) open_log();
  if (sink.log.fd < 0) return;
  int err = weir_io_write(sink.log.fd, json, n);
  if (err) log_failed(err);
}

void weir_sink_write(const char *json, size_t json_len, const char *text, size_t text_len) {
  own_state();
  if (json_len > 0) to_log(json, json_len);
  if (json_len > 0 && to_reporter(json, json_len)) return;
  if (weir_io_write(STDERR_FILENO, text, text_len) != 0) sink.failed = true;
}

int weir_sink_render(int fd, const char *json, size_t json_len, const char *text, size_t text_len) {
  char *argv[] = {NULL, "report", "show", "-", NULL};
  int to;
  int err = json_len > 0 ? start_reporter(argv, fd, &to) : -ENOENT;
  if (!err) {
    err = weir_io_send(to, json, json_len);
    if (!err) err = weir_io_finish(to, finish_ns);
    weir_io_close(to);
    if (!err) return 0;
  }
  return weir_io_write(fd, text, text_len) == 0 ? 0 : -1;
}

void weir_sink_finish(void) {
  if (sink.pid != weir_io_pid()) return;
  if (still_ours(&sink.reporter)) {
    if (weir_io_finish(sink.reporter.fd, finish_ns) != 0) {
      weir_warn("the reporter did not finish within 10 s");
      sink.failed = true;
    }
    weir_io_close(sink.reporter.fd);
    sink.reporter.fd = -1;
  }
  if (still_ours(&sink.log)) weir_io_close(sink.log.fd);
  sink.log.fd = -1;
}

bool weir_sink_failed(void) {
  return sink.failed;
}
