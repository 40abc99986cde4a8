// SPDX-License-Identifier: Apache-2.0
//
// paths.h: /proc/self/exe, and a short list of places for each part.
#include "cli/paths.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PLACES = 5 };

// Relative to the folder of the program.
static const struct part {
  const char *what;
  const char *places[MAX_PLACES];
} parts[] = {
    [WEIR_PART_SELF] = {"the weir program", {"weir"}},
    [WEIR_PART_PLUGIN] = {"the compiler plugin weir.so",
                          {"../lib/weir.so", "../lib/weir/weir.so", "../lib64/weir.so",
                           "../lib/x86_64-linux-gnu/weir.so",
                           "../lib/x86_64-linux-gnu/weir/weir.so"}},
    [WEIR_PART_LIBRARY] = {"the runtime libweir.a",
                           {"../lib/libweir.a", "../lib/weir/libweir.a", "../lib64/libweir.a",
                            "../lib/x86_64-linux-gnu/libweir.a"}},
    [WEIR_PART_INCLUDE] = {"the header weir/weir.h", {"../include/weir/weir.h"}},
    [WEIR_PART_SELFTEST] = {"the program of planted bugs", {"../libexec/weir/weir-selftest-bugs"}},
    [WEIR_PART_ANALYZE] = {"the program that checks sources", {"../libexec/weir/weir-analyze"}},
};

static bool own_folder(char folder[PATH_MAX]) {
  ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
  if (n <= 0) return false;
  folder[n] = 0;
  char *slash = strrchr(folder, '/');
  if (!slash) return false;
  *slash = 0;
  return true;
}

// "a/bin/../lib" is kept short and readable as "a/lib".
static bool join(char path[PATH_MAX], const char *folder, const char *place) {
  size_t length = strlen(folder);
  if (strncmp(place, "../", 3) == 0) {
    const char *slash = strrchr(folder, '/');
    length = slash ? (size_t)(slash - folder) : 0;
    place += 3;
  }
  return snprintf(path, PATH_MAX, "%.*s/%s", (int)length, folder, place) < PATH_MAX;
}

bool weir_part_find(enum weir_part part, char path[PATH_MAX]) {
  char folder[PATH_MAX];
  if (part == WEIR_PART_SELF) {
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (n > 0) path[n] = 0;
    return n > 0;
  }
  if (!own_folder(folder)) {
    fprintf(stderr, "weir: cannot find out where this program is (/proc/self/exe)\n");
    return false;
  }
  for (int i = 0; i < MAX_PLACES && parts[part].places[i]; i++) {
    if (!join(path, folder, parts[part].places[i]) || access(path, R_OK) != 0) continue;
    if (part == WEIR_PART_INCLUDE) path[strlen(path) - strlen("/weir/weir.h")] = 0;
    return true;
  }
  join(path, folder, parts[part].places[0]);
  fprintf(stderr, "weir: %s is missing: %s\n", parts[part].what, path);
  return false;
}
