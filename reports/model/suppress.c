// SPDX-License-Identifier: Apache-2.0
//
// The file of suppressions, line by line. ThreadSanitizer dies of a line that it cannot use; here
// it is said with its number, and the other lines hold.
//
// A line for every finding is spelled out (`*:*`): a pattern that is empty is a slip.
//
// A comment `# until YYYY-MM-DD` gives the next line that is none an end: after that day it counts
// no more, which is said.
#include "model/suppress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGES_MAX = 10 }; // of one file

static const struct type {
  const char *name, *ids; // ids: NULL: every finding; "": none that Weir makes
  enum weir_rule_kind kind;
} types[] = {
    {"*", NULL, WEIR_RULE_ANYWHERE},
    {"fingerprint", NULL, WEIR_RULE_FINGERPRINT},
    {"race", "data-race", WEIR_RULE_ANYWHERE},
    {"race_top", "data-race", WEIR_RULE_TOP},
    {"mutex", "unlock-of-unlocked unlock-by-other", WEIR_RULE_ANYWHERE},
    {"deadlock", "deadlock partial-deadlock lock-order", WEIR_RULE_ANYWHERE},
    {"thread", "goroutine-leak goroutine-leak-at-exit", WEIR_RULE_ANYWHERE},
    {"signal", "", WEIR_RULE_NOT_OURS},
    {"called_from_lib", "", WEIR_RULE_NOT_OURS},
#define WEIR_FINDING(enumerator, id, certainty, title) {id, id, WEIR_RULE_ANYWHERE},
#include <weir/findings.def>
#define WEIR_STATIC(enumerator, id, certainty, title) {id, id, WEIR_RULE_ANYWHERE},
#include <weir/checks.def>
};

struct input {
  struct weir_suppressions *s;
  const char *name; // in the arena
  size_t line, bad;
  struct weir_date until; // of the next rule; no year: for ever
  struct weir_buf *messages;
};

__attribute__((format(printf, 2, 3))) static void problem(struct input *in, const char *format,
                                                          ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  in->s->problems++;
  if (in->bad++ >= MESSAGES_MAX) return;
  weir_buf_add(in->messages, "weir: suppressions ");
  weir_buf_add_safe(in->messages, in->name, strlen(in->name));
  if (in->line) weir_buf_printf(in->messages, ":%zu", in->line);
  weir_buf_add(in->messages, ": ");
  weir_buf_add_safe(in->messages, text, strlen(text));
  weir_buf_add(in->messages, "\n");
}

static const struct type *find_type(const char *word, size_t n) {
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strlen(types[i].name) == n && !memcmp(types[i].name, word, n)) return &types[i];
  return NULL;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

static struct weir_pattern trimmed(const char *text, size_t n) {
  while (n && is_blank(*text))
    text++, n--;
  while (n && is_blank(text[n - 1]))
    n--;
  return (struct weir_pattern){text, n};
}

// Splits at " && ". False after a message.
static bool split(struct input *in, struct weir_rule *r, const char *text, size_t n) {
  for (;;) {
    const char *join = memmem(text, n, " && ", 4);
    struct weir_pattern p = trimmed(text, join ? (size_t)(join - text) : n);
    if (!p.len || strspn(p.text, "^$") >= p.len) {
      problem(in, "the pattern is empty; * matches anything");
      return false;
    }
    if (r->part_count == WEIR_RULE_PARTS) {
      problem(in, "more than %d patterns joined by &&", WEIR_RULE_PARTS);
      return false;
    }
    r->parts[r->part_count++] = p;
    if (!join) return true;
    n -= (size_t)(join + 4 - text);
    text = join + 4;
  }
}

static bool is_fingerprint(const struct weir_rule *r) {
  const struct weir_pattern *p = &r->parts[0];
  return r->part_count == 1 && p->len == 16 && strspn(p->text, "0123456789abcdef") >= 16;
}

static bool parse_rule(struct input *in, const char *line, size_t n, struct weir_rule *r) {
  const char *colon = memchr(line, ':', n);
  if (memchr(line, 0, n)) return problem(in, "the line holds a zero byte"), false;
  if (!colon) return problem(in, "no type: a suppression is TYPE:PATTERN"), false;
  size_t word = (size_t)(colon - line);
  const struct type *type = find_type(line, word);
  if (!type) {
    problem(in, "unknown type '%.*s': it is a finding's id, race, race_top, mutex, deadlock or *",
            word > 64 ? 64 : (int)word, line);
    return false;
  }
  r->ids = type->ids;
  r->kind = type->kind;
  if (!split(in, r, colon + 1, n - word - 1)) return false;
  if (r->part_count > 1 && r->kind == WEIR_RULE_ANYWHERE) r->kind = WEIR_RULE_NARROW;
  if (r->part_count > 1 && r->kind != WEIR_RULE_NARROW)
    return problem(in, "%s takes one pattern", type->name), false;
  if (r->kind == WEIR_RULE_FINGERPRINT && !is_fingerprint(r))
    return problem(in, "a fingerprint has 16 digits, 0 to 9 and a to f"), false;
  return true;
}

// --- dates ---------------------------------------------------------------------------------

static bool is_date(const struct weir_date *d) {
  static const char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = d->year % 4 == 0 && (d->year % 100 != 0 || d->year % 400 == 0);
  return d->year > 0 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
         d->day <= days[d->month - 1] - (d->month == 2 && !leap);
}

bool weir_date_parse(const char *text, struct weir_date *d) {
  int used = 0;
  return sscanf(text, "%4d-%2d-%2d%n", &d->year, &d->month, &d->day, &used) == 3 && used == 10 &&
         is_date(d);
}

static bool is_past(const struct weir_date *d) {
  time_t now = time(NULL);
  struct tm today = {0};
  if (!d->year || !localtime_r(&now, &today)) return false;
  int year = today.tm_year + 1900, month = today.tm_mon + 1;
  if (d->year != year) return d->year < year;
  return d->month != month ? d->month < month : d->day < today.tm_mday;
}

// "# until 2027-01-31" and whatever follows.
static void read_comment(struct input *in, const char *line, size_t n) {
  char word[64];
  size_t skip = 1;
  while (skip < n && is_blank(line[skip]))
    skip++;
  snprintf(word, sizeof word, "%.*s", (int)(n - skip < 63 ? n - skip : 63), line + skip);
  if (strncmp(word, "until ", 6)) return;
  in->until = (struct weir_date){0};
  if (weir_date_parse(word + 6, &in->until)) return;
  in->until = (struct weir_date){0};
  problem(in, "no such day: until is followed by YYYY-MM-DD");
}

static bool has_ended(struct input *in) {
  struct weir_date d = in->until;
  in->until = (struct weir_date){0};
  if (!is_past(&d)) return false;
  weir_buf_add(in->messages, "weir: suppressions ");
  weir_buf_add_safe(in->messages, in->name, strlen(in->name));
  weir_buf_printf(in->messages, ":%zu: counts no more, it was until %04d-%02d-%02d\n", in->line,
                  d.year, d.month, d.day);
  return true;
}

// --- the file --------------------------------------------------------------------------------

static void add_rule(struct input *in, const char *line, size_t n) {
  struct weir_suppressions *s = in->s;
  struct weir_rule r = {.file = in->name, .line = in->line};
  struct weir_buf safe = {0};
  bool ended = has_ended(in);
  if (!parse_rule(in, weir_arena_copy(&s->arena, line, n), n, &r) || ended) return;
  weir_buf_add_safe(&safe, line, n);
  r.text = weir_arena_copy(&s->arena, safe.data, safe.len);
  weir_buf_free(&safe);
  if (s->count == s->room) {
    s->room = s->room ? 2 * s->room : 32;
    s->rules = weir_xrealloc(s->rules, s->room * sizeof *s->rules);
  }
  s->rules[s->count++] = r;
}

static void say_rest(const struct input *in) {
  if (in->bad <= MESSAGES_MAX) return;
  weir_buf_add(in->messages, "weir: suppressions ");
  weir_buf_add_safe(in->messages, in->name, strlen(in->name));
  weir_buf_printf(in->messages, ": and %zu more lines that cannot be used\n",
                  in->bad - MESSAGES_MAX);
}

static char *keep(struct weir_suppressions *s, const char *text) {
  return weir_arena_copy(&s->arena, text, strlen(text));
}

void weir_suppressions_parse(struct weir_suppressions *s, const char *name, const char *text,
                             size_t n, struct weir_buf *messages) {
  struct input in = {.s = s, .name = keep(s, name), .messages = messages};
  static const char mark[] = "\xef\xbb\xbf"; // some editors begin a file of UTF-8 with it
  if (n >= 3 && !memcmp(text, mark, 3)) text += 3, n -= 3;
  while (n) {
    const char *end = memchr(text, '\n', n);
    size_t length = end ? (size_t)(end - text) : n;
    struct weir_pattern line = trimmed(text, length);
    in.line++;
    if (line.len && *line.text == '#')
      read_comment(&in, line.text, line.len);
    else if (line.len)
      add_rule(&in, line.text, line.len);
    length += end != NULL;
    text += length;
    n -= length;
  }
  say_rest(&in);
}

void weir_suppressions_read(struct weir_suppressions *s, const char *path,
                            struct weir_buf *messages) {
  struct weir_buf all = {0};
  char part[65536];
  size_t n;
  FILE *in = fopen(path, "re");
  errno = in ? 0 : errno;
  while (in && (n = fread(part, 1, sizeof part, in)) > 0)
    weir_buf_addn(&all, part, n);
  if (!in || ferror(in)) {
    struct input file = {.s = s, .name = keep(s, path), .messages = messages};
    problem(&file, "cannot be read: %s", strerror(errno));
  } else {
    weir_suppressions_parse(s, path, all.data ? all.data : "", all.len, messages);
  }
  if (in) fclose(in);
  weir_buf_free(&all);
}
