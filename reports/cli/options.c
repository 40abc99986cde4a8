// SPDX-License-Identifier: Apache-2.0
//
// options.h: one loop over a table, and the edit distance behind "did you mean".
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/exit.h"

enum { MAX_WORD = 32, MAX_OPTIONS = 32 };

// Levenshtein distance, two rows; a word too long to be a slip is far.
static size_t distance(const char *a, const char *b) {
  size_t rows = strlen(a), columns = strlen(b), line[MAX_WORD + 1];
  if (rows > MAX_WORD || columns > MAX_WORD) return MAX_WORD;
  for (size_t j = 0; j <= columns; j++)
    line[j] = j;
  for (size_t i = 1; i <= rows; i++) {
    size_t diagonal = line[0];
    line[0] = i;
    for (size_t j = 1; j <= columns; j++) {
      size_t best = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = line[j];
      if (line[j] + 1 < best) best = line[j] + 1;
      if (line[j - 1] + 1 < best) best = line[j - 1] + 1;
      line[j] = best;
    }
  }
  return line[columns];
}

const char *weir_nearest(const char *word, const char *const *names, size_t count) {
  const char *best = NULL;
  size_t least = strlen(word) / 3 + 2;
  for (size_t i = 0; i < count; i++) {
    size_t d = distance(word, names[i]);
    if (d < least) {
      least = d;
      best = names[i];
    }
  }
  return best;
}

void weir_usage_print(const struct weir_usage *u) {
  printf("usage: weir %s %s\n\n%s", u->verb, u->synopsis, u->description);
  if (u->options && u->options->name) printf("\nOptions:\n");
  for (const struct weir_option *o = u->options; o && o->name; o++) {
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? "=" : "", o->value ? o->value : "");
    printf("  %-22s %s\n", left, o->help);
  }
  printf("\nExample:\n%s", u->example);
}

int weir_usage_error(const struct weir_usage *u, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  fprintf(stderr, "weir %s: %s (see 'weir %s --help')\n", u->verb, text, u->verb);
  return WEIR_EXIT_USAGE;
}

static int unknown(const struct weir_usage *u, const char *name) {
  const char *names[MAX_OPTIONS] = {"help"};
  size_t n = 1;
  for (const struct weir_option *o = u->options; o && o->name && n < MAX_OPTIONS; o++)
    names[n++] = o->name;
  const char *near = weir_nearest(name, names, n);
  if (near)
    weir_usage_error(u, "unknown option --%s; did you mean --%s?", name, near);
  else
    weir_usage_error(u, "unknown option --%s", name);
  return WEIR_OPTIONS_BAD;
}

static const struct weir_option *find(const struct weir_usage *u, const char *name, size_t length) {
  for (const struct weir_option *o = u->options; o && o->name; o++)
    if (strlen(o->name) == length && strncmp(o->name, name, length) == 0) return o;
  return NULL;
}

static bool take(const struct weir_usage *u, const struct weir_option *o, const char *value) {
  if (!o->value && value) {
    weir_usage_error(u, "option --%s takes no value", o->name);
    return false;
  }
  if (o->value && !value) {
    weir_usage_error(u, "option --%s needs a value: --%s=%s", o->name, o->name, o->value);
    return false;
  }
  if (o->flag) *o->flag = true;
  if (o->text) *o->text = value;
  if (o->each && !o->each(value)) {
    weir_usage_error(u, "option --%s cannot take '%s'; it wants %s", o->name, value, o->value);
    return false;
  }
  return true;
}

int weir_options_parse(const struct weir_usage *u, int argc, char **argv) {
  int i = 1;
  for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
    const char *word = argv[i];
    if (strcmp(word, "--") == 0) return i + 1;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
      weir_usage_print(u);
      return WEIR_OPTIONS_HELP;
    }
    if (word[1] != '-') {
      weir_usage_error(u, "unknown option %s", word);
      return WEIR_OPTIONS_BAD;
    }
    const char *name = word + 2, *equal = strchr(name, '=');
    size_t length = equal ? (size_t)(equal - name) : strlen(name);
    const struct weir_option *o = find(u, name, length);
    if (!o) {
      char only[MAX_WORD + 1];
      snprintf(only, sizeof only, "%.*s", (int)length, name);
      return unknown(u, only);
    }
    const char *value = equal ? equal + 1 : NULL;
    if (o->value && !value && i + 1 < argc && strcmp(argv[i + 1], "--") != 0) value = argv[++i];
    if (!take(u, o, value)) return WEIR_OPTIONS_BAD;
  }
  return i;
}
