// SPDX-License-Identifier: Apache-2.0
//
// The line reader and the collection. getline gives a line as soon as its newline
// has arrived, also from a socket, so the same loop serves files and live reports.
// The collection is an open-addressing table of fingerprints.
#include "model/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static bool is_blank(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!strchr(" \t\r\n", s[i]) || !s[i]) return false;
  return true;
}

static void read_line(const char *line, size_t n, bool complete, struct weir_symbolizer *symbolizer,
                      weir_finding_fn *fn, void *arg, struct weir_read_stats *stats) {
  json_error_t error;
  stats->lines++;
  json_t *record = json_loadb(line, n, 0, &error);
  struct weir_finding *f = record ? weir_finding_from_json(record, symbolizer) : NULL;
  if (f) {
    stats->findings++;
    fn(f, arg);
  } else if (!record && !complete) {
    stats->truncated = true;
  } else {
    stats->foreign++;
  }
}

int weir_read_findings(FILE *in, struct weir_symbolizer *symbolizer, weir_finding_fn *fn, void *arg,
                       struct weir_read_stats *stats) {
  char *line = NULL;
  size_t room = 0;
  ssize_t n;
  errno = 0;
  while ((n = getline(&line, &room, in)) >= 0)
    if (!is_blank(line, (size_t)n))
      read_line(line, (size_t)n, line[n - 1] == '\n', symbolizer, fn, arg, stats);
  int error = ferror(in) ? (errno ? errno : EIO) : 0;
  free(line);
  return -error;
}

static size_t hash_of(const struct weir_finding *f) {
  return (size_t)strtoull(f->fingerprint, NULL, 16);
}

static size_t slot_of(const struct weir_collection *c, const struct weir_finding *f) {
  size_t i = hash_of(f) & (c->table_room - 1);
  while (c->table[i] && strcmp(c->at[c->table[i] - 1]->fingerprint, f->fingerprint))
    i = (i + 1) & (c->table_room - 1);
  return i;
}

static void grow(struct weir_collection *c) {
  c->room = c->room ? 2 * c->room : 32;
  c->at = weir_xrealloc(c->at, c->room * sizeof *c->at);
  free(c->table);
  c->table_room = 2 * c->room;
  c->table = weir_xmalloc(c->table_room * sizeof *c->table);
  memset(c->table, 0, c->table_room * sizeof *c->table);
  for (size_t i = 0; i < c->count; i++)
    if (!weir_finding_is_dump(c->at[i])) c->table[slot_of(c, c->at[i])] = i + 1;
}

struct weir_finding *weir_collection_add(struct weir_collection *c, struct weir_finding *f) {
  if (c->count == c->room) grow(c);
  if (!weir_finding_is_dump(f)) {
    size_t slot = slot_of(c, f);
    if (c->table[slot]) {
      struct weir_finding *kept = c->at[c->table[slot] - 1];
      kept->seen += f->seen;
      weir_finding_free(f);
      return kept;
    }
    c->table[slot] = c->count + 1;
  }
  return c->at[c->count++] = f;
}

void weir_collection_free(struct weir_collection *c) {
  for (size_t i = 0; i < c->count; i++)
    weir_finding_free(c->at[i]);
  free(c->at);
  free(c->table);
  *c = (struct weir_collection){0};
}
