// SPDX-License-Identifier: Apache-2.0
#include "model/paths.h"

#include <string.h>

enum { MAPS_MAX = 32, DEPTH_MAX = 16 };

static struct map {
  const char *from, *to;
  size_t from_size;
} maps[MAPS_MAX];
static size_t count;

bool weir_paths_map(const char *from_to) {
  const char *equals = strchr(from_to, '=');
  if (!equals || equals == from_to || count == MAPS_MAX) return false;
  size_t n = (size_t)(equals - from_to);
  while (n > 1 && from_to[n - 1] == '/')
    n--;
  maps[count++] = (struct map){from_to, equals + 1, n};
  return true;
}

static bool fits(const struct map *m, const char *file) {
  return !strncmp(file, m->from, m->from_size) &&
         (!file[m->from_size] || file[m->from_size] == '/' || m->from[m->from_size - 1] == '/');
}

static void map_file(json_t *o, const char *file) {
  const struct map *best = NULL;
  for (size_t i = 0; i < count; i++)
    if (fits(&maps[i], file) && (!best || maps[i].from_size > best->from_size)) best = &maps[i];
  if (!best) return;
  size_t to = strlen(best->to);
  while (to > 1 && best->to[to - 1] == '/')
    to--;
  const char *rest = file + best->from_size;
  while (*rest == '/')
    rest++;
  const char *slash = to && *rest && best->to[to - 1] != '/' ? "/" : "";
  json_object_set_new(o, "file", json_sprintf("%.*s%s%s", (int)to, best->to, slash, rest));
}

static void walk(json_t *node, int depth) {
  json_t *value;
  size_t i;
  const char *key, *file = json_string_value(json_object_get(node, "file"));
  if (depth > DEPTH_MAX) return;
  if (file) map_file(node, file);
  if (json_is_array(node)) json_array_foreach(node, i, value) walk(value, depth + 1);
  if (json_is_object(node)) json_object_foreach(node, key, value) walk(value, depth + 1);
}

void weir_paths_map_record(json_t *record) {
  if (count) walk(record, 0);
}
