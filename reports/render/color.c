// SPDX-License-Identifier: Apache-2.0
//
// Colour or not: an explicit choice wins, then NO_COLOR (set and not empty), then
// CLICOLOR_FORCE (set and not 0), then TERM=dumb, then whether it is a terminal.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "render/render.h"

static bool is_set(const char *name) {
  const char *value = getenv(name);
  return value && *value;
}

bool weir_color_wanted(enum weir_color choice, int fd) {
  if (choice != WEIR_COLOR_AUTO) return choice == WEIR_COLOR_ALWAYS;
  if (is_set("NO_COLOR")) return false;
  if (is_set("CLICOLOR_FORCE") && strcmp(getenv("CLICOLOR_FORCE"), "0")) return true;
  const char *term = getenv("TERM");
  return isatty(fd) && term && *term && strcmp(term, "dumb");
}

bool weir_color_parse(const char *word, enum weir_color *choice) {
  static const char *const words[] = {"auto", "always", "never"};
  for (int i = 0; i < 3; i++)
    if (!strcmp(word, words[i])) {
      *choice = (enum weir_color)i;
      return true;
    }
  return false;
}
