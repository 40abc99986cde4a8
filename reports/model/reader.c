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

struct weir_record_ref { // which finding a record became
  int64_t pid, seq;
  size_t index;
};

static bool read_note(const json_t *o, struct weir_seen_note *note) {
  const char *schema = json_string_value(json_object_get(o, "schema"));
  if (!schema || strcmp(schema, "weir.seen/1")) return false;
  json_int_t more = json_integer_value(json_object_get(o, "more"));
  *note = (struct weir_seen_note){json_integer_value(json_object_get(o, "pid")),
                                  json_integer_value(json_object_get(o, "seq")),
                                  more > 0 ? (uint64_t)more : 0};
  return true;
}

static void skip(const struct weir_reader *reader, bool cut, struct weir_read_stats *stats) {
  if (cut)
    stats->truncated = true;
  else
    stats->foreign++;
  if (reader->other) reader->other(reader->arg);
}

static void read_line(const char *line, size_t n, bool complete, struct weir_symbolizer *symbolizer,
                      const struct weir_reader *reader, struct weir_read_stats *stats) {
  json_error_t error;
  struct weir_seen_note note;
  stats->lines++;
  json_t *record = json_loadb(line, n, 0, &error);
  if (record && read_note(record, &note)) {
    json_decref(record);
    stats->notes++;
    reader->seen(&note, reader->arg);
    return;
  }
  struct weir_finding *f = record ? weir_finding_from_json(record, symbolizer) : NULL;
  if (!f) {
    skip(reader, !record && !complete, stats);
    return;
  }
  stats->findings++;
  reader->finding(f, reader->arg);
}

int weir_read_findings(FILE *in, struct weir_symbolizer *symbolizer,
                       const struct weir_reader *reader, struct weir_read_stats *stats) {
  char *line = NULL;
  size_t room = 0;
  ssize_t n;
  errno = 0;
  while ((n = getline(&line, &room, in)) >= 0)
    if (!is_blank(line, (size_t)n))
      read_line(line, (size_t)n, line[n - 1] == '\n', symbolizer, reader, stats);
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

static void refer(struct weir_collection *c, const struct weir_finding *f, size_t index) {
  if (c->record_count == c->record_room) {
    c->record_room = c->record_room ? 2 * c->record_room : 32;
    c->records = weir_xrealloc(c->records, c->record_room * sizeof *c->records);
  }
  c->records[c->record_count++] = (struct weir_record_ref){f->pid, f->seq, index};
}

void weir_collection_seen(struct weir_collection *c, const struct weir_seen_note *note) {
  for (size_t i = c->record_count; i-- > 0;) {
    const struct weir_record_ref *r = &c->records[i];
    if (r->pid != note->pid || r->seq != note->seq) continue;
    c->at[r->index]->seen += note->more;
    return;
  }
}

struct weir_finding *weir_collection_add(struct weir_collection *c, struct weir_finding *f) {
  if (c->count == c->room) grow(c);
  if (!weir_finding_is_dump(f)) {
    size_t slot = slot_of(c, f);
    if (c->table[slot]) {
      struct weir_finding *kept = c->at[c->table[slot] - 1];
      kept->seen += f->seen;
      refer(c, f, c->table[slot] - 1);
      weir_finding_free(f);
      return kept;
    }
    c->table[slot] = c->count + 1;
  }
  refer(c, f, c->count);
  return c->at[c->count++] = f;
}

const struct weir_finding *weir_collection_find(const struct weir_collection *c,
                                                const struct weir_finding *f) {
  if (!c->count || weir_finding_is_dump(f)) return NULL;
  size_t i = c->table[slot_of(c, f)];
  return i ? c->at[i - 1] : NULL;
}

size_t weir_collection_drop(struct weir_collection *c, const struct weir_collection *known) {
  size_t n = c->count;
  c->count = 0;
  for (size_t i = 0; i < n; i++)
    if (weir_collection_find(known, c->at[i]))
      weir_finding_free(c->at[i]);
    else
      c->at[c->count++] = c->at[i];
  return n - c->count;
}

void weir_collection_free(struct weir_collection *c) {
  for (size_t i = 0; i < c->count; i++)
    weir_finding_free(c->at[i]);
  free(c->at);
  free(c->table);
  free(c->records);
  *c = (struct weir_collection){0};
}
