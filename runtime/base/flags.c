// SPDX-License-Identifier: Apache-2.0
//
// flags.h: a table made from flags.def, and one parser for it. Text values are kept in
// static buffers, one for each source, so nothing is allocated.
#include "base/flags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/diag.h>

#include "base/check.h"

struct weir_flags weir_flags = {
#define WEIR_FLAG(name, type, initial, help) .name = initial,
#include <weir/flags.def>
};

enum type { TYPE_bool, TYPE_int, TYPE_text };

static const struct entry {
  const char *name;
  enum type type;
  void *value;
  const char *help, *initial;
} table[] = {
#define WEIR_FLAG(name, type, initial, help) {#name, TYPE_##type, &weir_flags.name, help, #initial},
#include <weir/flags.def>
};

enum { N_FLAGS = sizeof table / sizeof table[0] };

__attribute__((weak)) const char *weir_default_options(void) {
  return "";
}

static const struct entry *find(const char *key) {
  for (int i = 0; i < N_FLAGS; i++)
    if (strcmp(table[i].name, key) == 0) return &table[i];
  return NULL;
}

static bool parse_bool(const char *text, bool *out) {
  bool yes = !strcmp(text, "1") || !strcmp(text, "true") || !strcmp(text, "yes");
  bool no = !strcmp(text, "0") || !strcmp(text, "false") || !strcmp(text, "no");
  *out = yes;
  return yes || no;
}

static bool parse_int(const char *text, long *out) {
  char *end;
  errno = 0;
  *out = strtol(text, &end, 10);
  return *text && !*end && !errno;
}

// No number below zero means anything, and an exit status has eight bits: 256 would be 0. Who uses
// procs and stack_kb says what their limits are.
static bool usable(const struct entry *e, long n) {
  if (e->value == &weir_flags.procs || e->value == &weir_flags.stack_kb) return true;
  return n >= 0 && (e->value != &weir_flags.exitcode || n <= 255);
}

static bool known_text(const struct entry *e, const char *value) {
  return e->value != &weir_flags.color || !strcmp(value, "auto") || !strcmp(value, "always") ||
         !strcmp(value, "never");
}

// value NULL: there is no '='. That says "on" of a bool.
static void set(const char *key, const char *value) {
  const struct entry *e = find(key);
  if (!e) {
    weir_warn("unknown option '%s' in WEIR_OPTIONS; WEIR_OPTIONS=help=1 lists them", key);
    return;
  }
  if (!value && e->type != TYPE_bool) {
    weir_warn("option %s: has no value; it is written %s=VALUE", key, key);
    return;
  }
  bool ok = true;
  bool b;
  long n;
  switch (e->type) {
  case TYPE_bool:
    if ((ok = parse_bool(value ? value : "1", &b))) *(bool *)e->value = b;
    break;
  case TYPE_int:
    if ((ok = parse_int(value, &n) && usable(e, n))) *(long *)e->value = n;
    break;
  case TYPE_text:
    if ((ok = known_text(e, value))) *(const char **)e->value = value;
    break;
  }
  if (!ok) weir_warn("option %s: cannot use '%s'; the default %s stays", key, value, e->initial);
}

// Splits in place: key=value, separated by ':' ' ' ',' or a line end.
static void parse(char *text) {
  char *rest = text;
  for (char *item; (item = strtok_r(rest, ": ,\n", &rest));) {
    char *equal = strchr(item, '=');
    if (equal) *equal++ = 0;
    set(item, equal);
  }
}

static void keep_and_parse(const char *text, char *buffer, size_t size) {
  if (!text || !*text) return;
  size_t n = strlen(text);
  if (n >= size) {
    weir_warn("WEIR_OPTIONS is longer than %zu bytes; the rest is ignored", size - 1);
    n = size - 1;
  }
  memcpy(buffer, text, n);
  buffer[n] = 0;
  parse(buffer);
}

static void print_help(void) {
  char text[4096];
  int n = snprintf(text, sizeof text, "WEIR_OPTIONS=key=value:key=value\n");
  for (int i = 0; i < N_FLAGS && n < (int)sizeof text; i++)
    n += snprintf(text + n, sizeof text - (size_t)n, "  %-18s %s (default %s)\n", table[i].name,
                  table[i].help, table[i].initial);
  if (n > (int)sizeof text) n = sizeof text;
  (void)!write(STDERR_FILENO, text, (size_t)n);
}

void weir_flags_read(void) {
  static char of_run[256], compiled_in[2048], environment[4096];
  keep_and_parse(getenv("WEIR_RUN_DEFAULTS"), of_run, sizeof of_run);
  keep_and_parse(weir_default_options(), compiled_in, sizeof compiled_in);
  keep_and_parse(getenv("WEIR_OPTIONS"), environment, sizeof environment);
  if (weir_flags.help) print_help();
}
