// SPDX-License-Identifier: Apache-2.0
//
// Suppressions: a file of ThreadSanitizer's form says which findings nobody wants to hear of.
// A line is TYPE:PATTERN; blank lines and lines that begin with # are nothing, but for
// `# until YYYY-MM-DD`, the last day on which the next line counts. TYPE is a
// finding's id, one of ThreadSanitizer's words, `*` or `fingerprint` (types in suppress.c).
//
// A pattern is searched in each text of a finding; `*` stands for anything, a leading ^ and a
// trailing $ tie it to the ends. Several joined by ` && ` are a narrow line: each must match a
// text of its own among those that make the finding what it is (suppress_texts.c).
//
// The first line of all files that matches a finding is the one that is counted as used.
// Not for use by several threads at once.
#ifndef WEIR_MODEL_SUPPRESS_H
#define WEIR_MODEL_SUPPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/memory.h"

enum { WEIR_RULE_PARTS = 8 };

enum weir_rule_kind {
  WEIR_RULE_ANYWHERE,    // matches any text
  WEIR_RULE_TOP,         // race_top: the innermost frames of an access
  WEIR_RULE_NARROW,      // several parts
  WEIR_RULE_FINGERPRINT, // the pattern is the fingerprint
  WEIR_RULE_NOT_OURS,    // ThreadSanitizer reads it itself; never matches here
};

struct weir_pattern {
  const char *text;
  size_t len;
};

struct weir_rule {
  const char *file; // as it was named
  size_t line;      // from 1
  const char *text; // the whole line, safe to print
  const char *ids;  // blank-separated; NULL: every finding
  enum weir_rule_kind kind;
  struct weir_pattern parts[WEIR_RULE_PARTS];
  size_t part_count;
  bool shared; // ThreadSanitizer reads the same file; for the caller
  uint64_t used;
};

struct weir_suppressions {
  struct weir_rule *rules; // in order of appearance
  size_t count, room;
  size_t problems; // lines and files that could not be used
  struct weir_text_cache *cache;
  struct weir_arena arena;
};

struct weir_date {
  int year, month, day; // year 0: none
};
bool weir_date_parse(const char *text, struct weir_date *d); // YYYY-MM-DD at its beginning

void weir_suppressions_free(struct weir_suppressions *s); // the struct itself is the caller's

// Adds the rules of a file, or of text that is called `name` in messages. What cannot be used is
// counted in `problems` and said in `messages`, whole lines; the other lines are used.
void weir_suppressions_read(struct weir_suppressions *s, const char *path,
                            struct weir_buf *messages);
void weir_suppressions_parse(struct weir_suppressions *s, const char *name, const char *text,
                             size_t n, struct weir_buf *messages);

// The rule that hides the finding, counted as used once more; NULL: none. Dumps are never hidden.
const struct weir_rule *weir_suppressions_match(struct weir_suppressions *s,
                                                const struct weir_finding *f);

bool weir_pattern_matches(const struct weir_pattern *p, const char *text);

// The narrowest line that hides f and, as far as this form can tell, nothing else; one line without
// its end. `exact`: by fingerprint.
void weir_suppression_line(const struct weir_finding *f, bool exact, struct weir_buf *out);

// --- the texts of a finding ------------------------------------------------------------

enum { WEIR_TEXT_TOP = 1, WEIR_TEXT_OWN = 2 }; // else it counts only for WEIR_RULE_ANYWHERE

struct weir_text {
  const char *text; // never ""; lives as long as the finding
  unsigned roles;
};
struct weir_texts {
  struct weir_text *at;
  size_t count, room;
};
void weir_texts_collect(const struct weir_finding *f, struct weir_texts *out);
void weir_texts_free(struct weir_texts *t);

#endif
