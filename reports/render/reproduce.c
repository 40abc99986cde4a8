// SPDX-License-Identifier: Apache-2.0
//
// The command that runs the program again, quoted so that it can be pasted into a
// POSIX shell; under `weir run` if the finding's detector is off without it. A word with control
// characters is written $'...', which bash, zsh and ksh read; nothing unprintable reaches the
// terminal.
#include <string.h>
#include <unistd.h>

#include "render/view.h"

static bool is_bare(const char *s) {
  static const char fine[] =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  return *s && !s[strspn(s, fine)];
}

static void add_escaped(struct weir_buf *b, const char *s) {
  weir_buf_add(b, "$'");
  for (; *s; s++) {
    unsigned char c = (unsigned char)*s;
    if (c == '\'' || c == '\\')
      weir_buf_printf(b, "\\%c", c);
    else if (c < 0x20 || c >= 0x7f)
      weir_buf_printf(b, "\\x%02x", c);
    else
      weir_buf_addn(b, s, 1);
  }
  weir_buf_add(b, "'");
}

static void add_word(struct weir_buf *b, const char *s) {
  if (is_bare(s)) {
    weir_buf_add(b, s);
  } else if (!weir_text_is_safe(s, strlen(s))) {
    add_escaped(b, s);
  } else {
    weir_buf_add(b, "'");
    for (; *s; s++)
      if (*s == '\'')
        weir_buf_add(b, "'\\''");
      else
        weir_buf_addn(b, s, 1);
    weir_buf_add(b, "'");
  }
}

// Options that say where a report goes, not what the program does, are left out.
static bool matters(const char *option, size_t n) {
  static const char *const keys[] = {
      "log_path=", "recorder_file=", "reporter=", "color=", "suppressions=", "print_suppressions="};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
    if (n >= strlen(keys[i]) && !strncmp(option, keys[i], strlen(keys[i]))) return false;
  return n > 0;
}

static void add_options(struct weir_buf *b, const char *options) {
  struct weir_buf kept = {0};
  while (*options) {
    size_t n = strcspn(options, ": ,");
    if (matters(options, n)) {
      if (kept.len) weir_buf_add(&kept, ":");
      weir_buf_addn(&kept, options, n);
    }
    options += n + (options[n] != 0);
  }
  if (kept.len) {
    weir_buf_add(b, "WEIR_OPTIONS=");
    add_word(b, kept.data);
    weir_buf_add(b, " ");
  }
  weir_buf_free(&kept);
}

// What is looked for by default under weir run alone, and the option that would do.
static bool needs_run(const struct weir_finding *f) {
  static const char *const kinds[][2] = {{"lock-order", "lock_order="},
                                         {"stuck-goroutine", "stuck_ms="},
                                         {"cpu-hog", "cpu_hog_ms="},
                                         {"starvation", "starvation_ms="}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcmp(f->id, kinds[i][0])) return !strstr(f->reproduce_options, kinds[i][1]);
  return false;
}

const char *weir_view_reproduce(struct weir_view *v) {
  const struct weir_finding *f = v->f;
  char here[4096];
  struct weir_buf b = {0};
  if (!f->reproduce_argc) return "";
  bool elsewhere = *f->cwd && getcwd(here, sizeof here) && strcmp(here, f->cwd);
  if (elsewhere) {
    weir_buf_add(&b, "cd ");
    add_word(&b, f->cwd);
    weir_buf_add(&b, " && ");
  }
  add_options(&b, f->reproduce_options);
  if (needs_run(f)) weir_buf_add(&b, "weir run -- ");
  for (size_t i = 0; i < f->reproduce_argc; i++) {
    if (i) weir_buf_add(&b, " ");
    add_word(&b, f->reproduce_argv[i]);
  }
  char *s = weir_arena_copy(&v->arena, b.data, b.len);
  weir_buf_free(&b);
  return s;
}
