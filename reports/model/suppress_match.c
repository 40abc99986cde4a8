// SPDX-License-Identifier: Apache-2.0
//
// Which rule hides a finding. The texts of findings are few and come again and again (functions,
// files), the rules may be many: so it is remembered of each text which patterns match it, and
// a finding costs a look-up for each of its texts.
//
// A narrow rule needs a different text for each of its parts: a matching in a small bipartite
// graph, found with augmenting paths.
#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "model/suppress.h"

// --- patterns --------------------------------------------------------------------------

// The part of the pattern up to its next star, which lies at `at` or later in the text if the
// pattern is not tied to its beginning, else exactly there. `last`: must reach the end as well.
static bool place(const char *want, size_t n, const char *s, size_t len, bool tied, bool last,
                  size_t *at) {
  if (len - *at < n) return false;
  if (last) {
    if (tied && len - *at != n) return false;
    *at = len;
    return !memcmp(s + len - n, want, n);
  }
  const char *hit = tied ? s + *at : memmem(s + *at, len - *at, want, n);
  if (!hit || memcmp(hit, want, n)) return false;
  *at = (size_t)(hit - s) + n;
  return true;
}

bool weir_pattern_matches(const struct weir_pattern *p, const char *text) {
  const char *want = p->text;
  size_t n = p->len, len = strlen(text), at = 0;
  if (!len) return false;
  bool tied = n && *want == '^';
  if (tied) want++, n--;
  bool end = n && want[n - 1] == '$';
  if (end) n--;
  for (;;) {
    const char *star = memchr(want, '*', n);
    size_t part = star ? (size_t)(star - want) : n;
    if (!place(want, part, text, len, tied, end && !star, &at)) return false;
    if (!star) return true;
    tied = false;
    want = star + 1;
    n -= part + 1;
  }
}

// --- what matches a text -----------------------------------------------------------------

struct hit {
  uint32_t rule, part;
};
struct entry {
  char *text; // NULL: free
  struct hit *hits;
  size_t count, room;
};
struct weir_text_cache {
  struct entry *at; // open addressing, a power of two
  size_t count, room;
  size_t rules; // that the entries know; more have come: all is forgotten
};

static void clear(struct weir_text_cache *c) {
  for (size_t i = 0; i < c->room; i++) {
    free(c->at[i].text);
    free(c->at[i].hits);
  }
  free(c->at);
  *c = (struct weir_text_cache){0};
}

static struct entry *slot_of(const struct weir_text_cache *c, const char *text) {
  size_t i = XXH3_64bits(text, strlen(text)) & (c->room - 1);
  while (c->at[i].text && strcmp(c->at[i].text, text))
    i = (i + 1) & (c->room - 1);
  return &c->at[i];
}

static void grow(struct weir_text_cache *c) {
  struct weir_text_cache old = *c;
  c->room = old.room ? 2 * old.room : 256;
  c->at = weir_xmalloc(c->room * sizeof *c->at);
  memset(c->at, 0, c->room * sizeof *c->at);
  for (size_t i = 0; i < old.room; i++)
    if (old.at[i].text) *slot_of(c, old.at[i].text) = old.at[i];
  free(old.at);
}

static void add_hit(struct entry *e, size_t rule, size_t part) {
  if (e->count == e->room) {
    e->room = e->room ? 2 * e->room : 4;
    e->hits = weir_xrealloc(e->hits, e->room * sizeof *e->hits);
  }
  e->hits[e->count++] = (struct hit){(uint32_t)rule, (uint32_t)part};
}

static const struct entry *look_up(struct weir_suppressions *s, const char *text) {
  struct weir_text_cache *c = s->cache;
  if (2 * c->count >= c->room) grow(c);
  struct entry *e = slot_of(c, text);
  if (e->text) return e;
  e->text = weir_xstrdup(text);
  c->count++;
  for (size_t i = 0; i < s->count; i++) {
    const struct weir_rule *r = &s->rules[i];
    bool by_text = r->kind != WEIR_RULE_FINGERPRINT && r->kind != WEIR_RULE_NOT_OURS;
    for (size_t p = 0; by_text && p < r->part_count; p++)
      if (weir_pattern_matches(&r->parts[p], text)) add_hit(e, i, p);
  }
  return e;
}

// --- a finding -----------------------------------------------------------------------------

static bool is_meant(const struct weir_rule *r, const char *id) {
  if (!r->ids) return true;
  size_t n = strlen(id);
  for (const char *at = r->ids; *at; at += strcspn(at, " "), at += *at == ' ')
    if (strcspn(at, " ") == n && !memcmp(at, id, n)) return true;
  return false;
}

// Gives part p a text that no other part has, moving others to another where it must.
static bool assign(const struct weir_rule *r, const struct weir_texts *t, size_t p, int *taken,
                   bool *tried) {
  for (size_t i = 0; i < t->count; i++) {
    if (tried[i] || !(t->at[i].roles & WEIR_TEXT_OWN)) continue;
    if (!weir_pattern_matches(&r->parts[p], t->at[i].text)) continue;
    tried[i] = true;
    if (taken[i] >= 0 && !assign(r, t, (size_t)taken[i], taken, tried)) continue;
    taken[i] = (int)p;
    return true;
  }
  return false;
}

static bool all_parts(const struct weir_rule *r, const struct weir_texts *t) {
  int *taken = weir_xmalloc(t->count * sizeof *taken);
  bool *tried = weir_xmalloc(t->count * sizeof *tried), all = true;
  for (size_t i = 0; i < t->count; i++)
    taken[i] = -1;
  for (size_t p = 0; all && p < r->part_count; p++) {
    memset(tried, 0, t->count * sizeof *tried);
    all = assign(r, t, p, taken, tried);
  }
  free(taken);
  free(tried);
  return all;
}

static bool holds(const struct weir_rule *r, const struct hit *hit, unsigned roles,
                  const struct weir_texts *t) {
  switch (r->kind) {
  case WEIR_RULE_ANYWHERE:
    return true;
  case WEIR_RULE_TOP:
    return roles & WEIR_TEXT_TOP;
  case WEIR_RULE_NARROW:
    return hit->part == 0 && all_parts(r, t);
  default:
    return false;
  }
}

static size_t by_texts(struct weir_suppressions *s, const struct weir_finding *f) {
  struct weir_texts t;
  size_t best = s->count;
  weir_texts_collect(f, &t);
  for (size_t i = 0; i < t.count; i++) {
    const struct entry *e = look_up(s, t.at[i].text);
    for (size_t h = 0; h < e->count && e->hits[h].rule < best; h++) {
      const struct weir_rule *r = &s->rules[e->hits[h].rule];
      if (is_meant(r, f->id) && holds(r, &e->hits[h], t.at[i].roles, &t)) best = e->hits[h].rule;
    }
  }
  weir_texts_free(&t);
  return best;
}

const struct weir_rule *weir_suppressions_match(struct weir_suppressions *s,
                                                const struct weir_finding *f) {
  if (!s->count || weir_finding_is_dump(f)) return NULL;
  if (!s->cache) {
    s->cache = weir_xmalloc(sizeof *s->cache);
    *s->cache = (struct weir_text_cache){0};
  }
  if (s->cache->rules != s->count) clear(s->cache);
  s->cache->rules = s->count;
  size_t best = by_texts(s, f);
  for (size_t i = 0; i < best; i++)
    if (s->rules[i].kind == WEIR_RULE_FINGERPRINT &&
        !memcmp(s->rules[i].parts[0].text, f->fingerprint, 16))
      best = i;
  if (best == s->count) return NULL;
  s->rules[best].used += f->seen;
  return &s->rules[best];
}

void weir_suppressions_free(struct weir_suppressions *s) {
  if (s->cache) clear(s->cache);
  free(s->cache);
  free(s->rules);
  weir_arena_free(&s->arena);
  *s = (struct weir_suppressions){0};
}
