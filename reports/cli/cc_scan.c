// SPDX-License-Identifier: Apache-2.0
//
// cc_scan.h: walks clang's arguments as clang does: an option that takes a separate
// value swallows the next word; every word that is neither is an input. Response
// files (@file) are read in turn, because build tools put whole link lines there.
#include "cli/cc_scan.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NESTED = 8 };

struct state {
  struct weir_cc_scan *out;
  bool stop_before_link; // -c and its kin
  bool no_runtime;       // -shared, -r
  bool skip;             // the next word is a value
  bool language;         // and that value is the language of -x
  bool as_source;        // -x LANGUAGE is in force
  bool inputs, headers_only;
};

static bool in(const char *word, const char *const *list) {
  for (; *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

static const char *const takes_value[] = {"-o",
                                          "-I",
                                          "-L",
                                          "-D",
                                          "-U",
                                          "-F",
                                          "-l",
                                          "-T",
                                          "-u",
                                          "-z",
                                          "-e",
                                          "-A",
                                          "-include",
                                          "-imacros",
                                          "-isystem",
                                          "-iquote",
                                          "-idirafter",
                                          "-isysroot",
                                          "-iprefix",
                                          "-iwithprefix",
                                          "-iwithprefixbefore",
                                          "-include-pch",
                                          "-arch",
                                          "-target",
                                          "--target",
                                          "-Xclang",
                                          "-Xlinker",
                                          "-Xpreprocessor",
                                          "-Xassembler",
                                          "-Xanalyzer",
                                          "-mllvm",
                                          "-MF",
                                          "-MT",
                                          "-MQ",
                                          "--param",
                                          "--sysroot",
                                          "-rpath",
                                          "--config",
                                          "-framework",
                                          "-working-directory",
                                          "-dumpdir",
                                          "-B",
                                          "-resource-dir",
                                          NULL};
static const char *const no_link[] = {"-c",  "-S",        "-E",           "-fsyntax-only", "-M",
                                      "-MM", "-emit-ast", "--precompile", "--analyze",     NULL};
static const char *const no_runtime[] = {"-shared", "-r",          "--shared",
                                         "-Wl,-r",  "-Wl,-shared", NULL};
static const char *const incompatible[] = {"address",  "leak",       "memory", "hwaddress",
                                           "dataflow", "safe-stack", NULL};
static const char *const sources[] = {"c",  "i", "cc", "cpp", "cxx", "C",  "c++", "CPP",
                                      "ii", "m", "mm", "bc",  "ll",  "cp", NULL};
static const char *const headers[] = {"h", "hh", "hpp", "hxx", "H", NULL};

static void input(struct state *s, const char *word) {
  const char *base = strrchr(word, '/'), *dot = strrchr(base ? base : word, '.');
  bool header = dot && in(dot + 1, headers);
  s->headers_only = header && (!s->inputs || s->headers_only);
  s->inputs = true;
  if (s->as_source || strcmp(word, "-") == 0 || header || (dot && in(dot + 1, sources)))
    s->out->compile = true;
}

// -fsanitize=a,b,c
static void sanitize(struct state *s, const char *word) {
  char list[256];
  snprintf(list, sizeof list, "%s", strchr(word, '=') + 1);
  char *rest = list;
  for (char *item; (item = strtok_r(rest, ",", &rest));) {
    if (strcmp(item, "thread") == 0) s->out->sanitize_thread = true;
    if (in(item, incompatible)) s->out->sanitize_other = word;
  }
}

bool weir_cc_is_own(const char *word) {
  static const char analyze[] = "--weir-analyze";
  const char *after = word + sizeof analyze - 1;
  return !strcmp(word, "--weir-no-race") ||
         (!strncmp(word, analyze, sizeof analyze - 1) && (!*after || *after == '='));
}

static void option(struct state *s, const char *word) {
  struct weir_cc_scan *out = s->out;
  if (in(word, takes_value))
    s->skip = true;
  else if (in(word, no_link))
    s->stop_before_link = true;
  else if (in(word, no_runtime))
    s->no_runtime = true;
  else if (strcmp(word, "-static") == 0 || strcmp(word, "-static-pie") == 0)
    out->static_link = true;
  else if (strcmp(word, "--weir-no-race") == 0)
    out->race = false;
  else if (weir_cc_is_own(word))
    out->analyze = word + strlen("--weir-analyze");
  else if (strncmp(word, "-fsanitize=", 11) == 0)
    sanitize(s, word);
  else if (word[1] == 'g' && strcmp(word, "-gz") != 0)
    out->debug_flag = true;
}

static void scan_file(struct state *s, const char *path, int depth);

static void scan_word(struct state *s, const char *word, int depth) {
  if (s->skip) {
    if (s->language) s->as_source = strcmp(word, "none") != 0;
    s->skip = s->language = false;
  } else if (word[0] == '@' && depth < MAX_NESTED) {
    scan_file(s, word + 1, depth + 1);
  } else if (strncmp(word, "-x", 2) == 0) {
    s->as_source = strcmp(word, "-xnone") != 0;
    s->skip = s->language = word[2] == 0;
  } else if (word[0] == '-' && word[1]) {
    option(s, word);
  } else {
    input(s, word);
  }
}

// Words are separated by blanks; quotes and backslashes as in a shell.
static bool next_word(FILE *file, char *word, size_t size) {
  int c = getc(file), quote = 0;
  while (c != EOF && isspace(c))
    c = getc(file);
  if (c == EOF) return false;
  size_t n = 0;
  for (; c != EOF && (quote || !isspace(c)); c = getc(file)) {
    if (quote ? c == quote : (c == '"' || c == '\'')) {
      quote = quote ? 0 : c;
      continue;
    }
    if (c == '\\' && (c = getc(file)) == EOF) break;
    if (n + 1 < size) word[n++] = (char)c;
  }
  word[n] = 0;
  return true;
}

static void scan_file(struct state *s, const char *path, int depth) {
  FILE *file = fopen(path, "r");
  if (!file) return; // clang takes the word for a file name then, and says so
  char word[4096];
  while (next_word(file, word, sizeof word))
    scan_word(s, word, depth);
  fclose(file);
}

void weir_cc_scan(struct weir_cc_scan *out, int argc, char **argv) {
  memset(out, 0, sizeof *out);
  out->race = true;
  struct state s = {.out = out};
  for (int i = 1; i < argc; i++)
    scan_word(&s, argv[i], 0);
  out->link = s.inputs && !s.headers_only && !s.stop_before_link && !s.no_runtime;
}
