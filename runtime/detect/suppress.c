// SPDX-License-Identifier: Apache-2.0
//
// suppress.h. Suppressions come from the option `suppressions`, from the file that
// TSAN_OPTIONS names for ThreadSanitizer, and from weir_default_suppressions() in the program. A
// file is looked for as ThreadSanitizer does: where the program was started, then beside it.
//
// All state is written by the constructor and constant afterwards.
#define _GNU_SOURCE
#include "detect/suppress.h"

#include <stdlib.h>
#include <string.h>
#include <weir/diag.h>

#include "base/check.h"
#include "base/flags.h"
#include "os/io.h"

// One argument of a program may have 128 KiB on Linux.
enum { PATH_SIZE = 4096, TEXT_MAX = 100000 };

static const char own_option[] = "--suppressions=", tsan_option[] = "--shared-suppressions=";

static struct {
  int pid;
  bool failed;
  char own[sizeof own_option + PATH_SIZE], tsan[sizeof tsan_option + PATH_SIZE];
  const char *text;
} from;

__attribute__((weak)) const char *weir_default_suppressions(void) {
  return "";
}

// DIR/FILE into path, where that is a file that can be read.
static bool readable_in(char *path, const char *dir, size_t n, const char *file) {
  if (n + strlen(file) + 2 > PATH_SIZE) return false;
  memcpy(path, dir, n);
  path[n] = 0;
  if (n) strcat(path, "/");
  strcat(path, file);
  return weir_io_readable(path);
}

// Whether the file can be read; where it is goes to the end of `argument`.
static bool look(const char *file, char *path) {
  char dir[PATH_SIZE];
  if (file[0] == '/') return readable_in(path, "", 0, file);
  weir_io_cwd(dir, sizeof dir);
  if (readable_in(path, dir, strlen(dir), file)) return true;
  weir_io_read_link("/proc/self/exe", dir, sizeof dir);
  const char *slash = strrchr(dir, '/');
  return slash && readable_in(path, dir, (size_t)(slash - dir), file);
}

static void take_file(char *argument, const char *option, const char *file) {
  if (!file[0]) return;
  strcpy(argument, option);
  if (look(file, argument + strlen(option))) return;
  argument[0] = 0;
  from.failed = true;
  weir_warn("the suppressions %s cannot be read; nothing in them is applied", file);
}

// The last value of `suppressions` in TSAN_OPTIONS, which may stand in quotes.
static void tsan_file(char *file) {
  static const char key[] = "suppressions=", separators[] = " ,:\n\t\r";
  const char *text = getenv("TSAN_OPTIONS");
  file[0] = 0;
  for (const char *at = text ? text : ""; *at;) {
    at += strspn(at, separators);
    bool ours = strncmp(at, key, strlen(key)) == 0;
    size_t name = strcspn(at, "= ,:\n\t\r");
    at += name + (at[name] == '=');
    const char quote[2] = {*at == '"' || *at == '\'' ? *at : 0, 0};
    at += quote[0] != 0;
    size_t n = strcspn(at, quote[0] ? quote : separators);
    if (ours && n < PATH_SIZE) {
      memcpy(file, at, n);
      file[n] = 0;
    }
    at += n + (quote[0] && at[n]);
  }
}

void weir_suppress_start(void) {
  char file[PATH_SIZE];
  from.pid = weir_io_pid();
  take_file(from.own, own_option, weir_flags.suppressions);
  tsan_file(file);
  take_file(from.tsan, tsan_option, file);
  const char *text = weir_default_suppressions();
  if (!text || !text[0]) return;
  if (strlen(text) <= TEXT_MAX) {
    from.text = text;
    return;
  }
  from.failed = true;
  weir_warn("weir_default_suppressions() has more than %d bytes; nothing in it is applied",
            TEXT_MAX);
}

bool weir_suppress_on(void) {
  return from.own[0] || from.tsan[0] || from.text;
}

bool weir_suppress_failed(void) {
  return from.failed;
}

bool weir_suppress_is_mine(void) {
  return from.pid == weir_io_pid();
}

size_t weir_suppress_args(char **argv) {
  size_t n = 0;
  if (!weir_suppress_on()) return 0;
  argv[n++] = "--verdicts";
  if (!weir_flags.print_suppressions || !weir_suppress_is_mine())
    argv[n++] = "--no-print-suppressions";
  if (from.own[0]) argv[n++] = from.own;
  if (from.tsan[0]) argv[n++] = from.tsan;
  if (from.text) {
    argv[n++] = "--suppressions-text";
    argv[n++] = (char *)from.text;
  }
  return n;
}
