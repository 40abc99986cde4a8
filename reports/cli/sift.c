// SPDX-License-Identifier: Apache-2.0
//
// sift.h. A finding is left out when a rule matches it now, or when its record says that one did
// when the program ran.
#include "cli/sift.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say_problems(struct weir_buf *messages) {
  if (messages->len) (void)weir_write_all(STDERR_FILENO, messages->data, messages->len);
  weir_buf_free(messages);
}

void weir_sift_file(struct weir_sift *s, const char *path, bool shared) {
  struct weir_buf messages = {0};
  size_t before = s->rules.count;
  s->any = true;
  weir_suppressions_read(&s->rules, path, &messages);
  for (size_t i = before; i < s->rules.count; i++)
    s->rules.rules[i].shared = shared;
  say_problems(&messages);
}

void weir_sift_text(struct weir_sift *s, const char *text) {
  struct weir_buf messages = {0};
  s->any = true;
  weir_suppressions_parse(&s->rules, "weir_default_suppressions", text, strlen(text), &messages);
  say_problems(&messages);
}

bool weir_sift_hides(struct weir_sift *s, const struct weir_finding *f, char **by) {
  const struct weir_rule *r = s->show_all ? NULL : weir_suppressions_match(&s->rules, f);
  if (!r && (s->show_all || !*f->suppressed)) return false;
  struct weir_buf b = {0};
  if (r)
    weir_buf_printf(&b, "%s:%zu", r->file, r->line);
  else
    weir_buf_add(&b, f->suppressed);
  *by = b.data;
  s->hidden++;
  return true;
}

void weir_sift_count(struct weir_sift *s, const char *by, size_t n) {
  const char *colon = strrchr(by, ':');
  size_t line = colon ? strtoull(colon + 1, NULL, 10) : 0;
  s->hidden += n;
  for (size_t i = 0; colon && i < s->rules.count; i++) {
    struct weir_rule *r = &s->rules.rules[i];
    size_t length = strlen(r->file);
    if (r->line == line && length == (size_t)(colon - by) && !memcmp(r->file, by, length))
      r->used += n;
  }
}

static void add_rule(struct weir_buf *out, const struct weir_rule *r) {
  weir_buf_add_safe(out, r->file, strlen(r->file));
  weir_buf_printf(out, ":%zu: %s", r->line, r->text);
}

static void say_unused(const struct weir_rule *r, struct weir_buf *out) {
  weir_buf_add(out, "weir: unused suppression ");
  add_rule(out, r);
  if (r->shared && r->kind != WEIR_RULE_NARROW)
    weir_buf_add(out, " (unless ThreadSanitizer itself used it)");
  weir_buf_add(out, "\n");
}

void weir_sift_say(const struct weir_sift *s, struct weir_buf *out) {
  if (s->hidden)
    weir_buf_printf(out, "weir: %zu finding%s suppressed\n", s->hidden, s->hidden == 1 ? "" : "s");
  if (s->mute) return;
  for (size_t i = 0; i < s->rules.count; i++) {
    const struct weir_rule *r = &s->rules.rules[i];
    if (!r->used) continue;
    weir_buf_printf(out, "weir: suppressed %llu time%s by ", (unsigned long long)r->used,
                    r->used == 1 ? "" : "s");
    add_rule(out, r);
    weir_buf_add(out, "\n");
  }
  for (size_t i = 0; i < s->rules.count && !s->show_all; i++)
    if (!s->rules.rules[i].used && s->rules.rules[i].kind != WEIR_RULE_NOT_OURS)
      say_unused(&s->rules.rules[i], out);
}

void weir_sift_free(struct weir_sift *s) {
  weir_suppressions_free(&s->rules);
}
