// SPDX-License-Identifier: Apache-2.0
//
// weir analyze: checks of the source, without running it. The checks are another program,
// weir-analyze, because they are made of Clang; it writes records, and here they are sifted,
// compared with a baseline and shown, as `weir report` does with findings of a run.
//
// Ends 66 where there are findings, else 3 if some file could not be checked wholly.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/sift.h"
#include "cli/verbs.h"
#include "model/reader.h"
#include "model/symbolize.h"
#include "render/render.h"
#include "render/source.h"

static struct settings {
  const char *build, *log, *checks, *roles, *jobs, *baseline;
  bool advice, no_cache, stats, quiet;
  enum weir_color color;
  struct weir_sift sift;
} set;

static bool set_color(const char *value) {
  return weir_color_parse(value, &set.color);
}

static bool set_jobs(const char *value) {
  char *end;
  long n = strtol(value, &end, 10);
  set.jobs = value;
  return *value && !*end && n >= 1 && n <= 1024;
}

static bool set_suppressions(const char *value) {
  weir_sift_file(&set.sift, value, false);
  return true;
}

static const struct weir_option options[] = {
    {"build", "DIR", "the folder of compile_commands.json (also -p DIR)", NULL, &set.build, NULL},
    {"checks", "ID,ID", "only these checks", NULL, &set.checks, NULL},
    {"advice", NULL, "also what is legal but worth a look", &set.advice, NULL, NULL},
    {"roles", "FILE", "what functions of the program do; see docs/guide/analyze.md", NULL,
     &set.roles, NULL},
    {"jobs", "N", "files that are checked at a time (also -j N)", NULL, NULL, set_jobs},
    {"no-cache", NULL, "check all files, also those that have not changed since the last run",
     &set.no_cache, NULL, NULL},
    {"log", "FILE", "keep all findings in FILE, for `weir report`", NULL, &set.log, NULL},
    {"baseline", "FILE", "leave out what this file of findings has", NULL, &set.baseline, NULL},
    {"suppressions", "FILE", "findings that are not wanted; see docs/guide/suppressions.md", NULL,
     NULL, set_suppressions},
    {"color", "auto|always|never", "colour of what is printed", NULL, NULL, set_color},
    {"stats", NULL, "say how much was looked at and given up", &set.stats, NULL, NULL},
    {"quiet", NULL, "say nothing but the findings", &set.quiet, NULL, NULL},
    {0}};
static const struct weir_usage usage = {
    "analyze", "[options] [FILE.c ...] [-- compiler flags]",
    "Checks C sources for concurrency mistakes without running them: Weir's calls, pthreads and\n"
    "C11 threads. With --build, the files of a project as they are compiled there. Ends 66 if\n"
    "there are findings, 0 if there are none, 3 if a file could not be checked wholly.\n",
    "  weir analyze -p build\n"
    "  weir analyze server.c -- -Iinclude -DNDEBUG\n"
    "  weir analyze -p build --log=found.jsonl; weir report html found.jsonl -o found.html\n",
    options};

// -p DIR and -j N, as compilers and make have them, become options of the table.
static char *spelled_out(char **argv, int argc, int *i) {
  static const struct {
    const char *brief, *option;
  } all[] = {{"-p", "--build="}, {"-j", "--jobs="}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    if (strncmp(argv[*i], all[k].brief, 2)) continue;
    const char *value = argv[*i] + 2;
    if (!*value && *i + 1 < argc) value = argv[++*i];
    struct weir_buf b = {0};
    weir_buf_printf(&b, "%s%s", all[k].option, value);
    return b.data;
  }
  return weir_xstrdup(argv[*i]);
}

// Options first, then files: as options may stand anywhere before --, in any order.
static char **ordered(int argc, char **argv, int *count) {
  char **words = weir_xmalloc(((size_t)argc + 1) * sizeof *words);
  char **files = weir_xmalloc(((size_t)argc + 1) * sizeof *files);
  int n = 0, m = 0, i = 1;
  words[n++] = weir_xstrdup(argv[0]);
  for (; i < argc && strcmp(argv[i], "--"); i++)
    if (*argv[i] == '-')
      words[n++] = spelled_out(argv, argc, &i);
    else
      files[m++] = weir_xstrdup(argv[i]);
  for (int k = 0; k < m; k++)
    words[n++] = files[k];
  for (; i < argc; i++)
    words[n++] = weir_xstrdup(argv[i]);
  free(files);
  words[n] = NULL;
  *count = n;
  return words;
}

static char *joined(const char *name, const char *value) {
  struct weir_buf b = {0};
  weir_buf_printf(&b, "--%s=%s", name, value);
  return b.data;
}

// Runs weir-analyze on the words from `first` on; its exit status, -1 after a message.
static int launch(char **words, int first, int count, const char *log) {
  char program[PATH_MAX], include[PATH_MAX];
  if (!weir_part_find(WEIR_PART_ANALYZE, program) || !weir_part_find(WEIR_PART_INCLUDE, include))
    return -1;
  char **args = weir_xmalloc(((size_t)count + 12) * sizeof *args);
  const struct {
    const char *name, *value;
  } given[] = {{"log", log},       {"include", include},   {"build", set.build},
               {"jobs", set.jobs}, {"checks", set.checks}, {"roles", set.roles}};
  int n = 0, status = 0;
  args[n++] = program;
  for (size_t i = 0; i < sizeof given / sizeof *given; i++)
    if (given[i].value) args[n++] = joined(given[i].name, given[i].value);
  if (set.advice) args[n++] = "--advice";
  if (set.no_cache) args[n++] = "--no-cache";
  if (set.stats) args[n++] = "--stats";
  bool flags = first > 0 && !strcmp(words[first - 1], "--");
  for (int i = flags ? first - 1 : first; i < count; i++)
    args[n++] = words[i];
  args[n] = NULL;
  pid_t child = fork();
  if (child == 0) {
    execv(program, args);
    _exit(127);
  }
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  free(args);
  if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 127) return WEXITSTATUS(status);
  fprintf(stderr, "weir analyze: %s cannot be run\n", program);
  return -1;
}

// --- what was found ------------------------------------------------------------------------------

struct found {
  struct weir_collection all;
  bool sifted;
};

static void take(struct weir_finding *f, void *arg) {
  struct found *to = arg;
  char *by = NULL;
  bool hidden = to->sifted && weir_sift_hides(&set.sift, f, &by);
  free(by);
  if (hidden)
    weir_finding_free(f);
  else
    weir_collection_add(&to->all, f);
}

static void skip(const struct weir_seen_note *note, void *arg) {
  (void)note;
  (void)arg;
}

// False after a message.
static bool load(const char *path, bool sifted, struct weir_symbolizer *symbolizer,
                 struct weir_collection *to) {
  struct found found = {.sifted = sifted};
  const struct weir_reader reader = {take, skip, NULL, &found};
  struct weir_read_stats stats = {0};
  FILE *in = fopen(path, "re");
  int error = in ? weir_read_findings(in, symbolizer, &reader, &stats) : -errno;
  if (in) fclose(in);
  *to = found.all;
  if (error) fprintf(stderr, "weir analyze: %s: %s\n", path, strerror(-error));
  return !error;
}

static size_t files_of(const struct weir_collection *all) {
  size_t n = 0;
  for (size_t i = 0; i < all->count; i++) {
    bool before = false;
    const char *file = all->at[i]->places[0].at.frames[0].file;
    for (size_t j = 0; j < i && !before; j++)
      before = !strcmp(all->at[j]->places[0].at.frames[0].file, file);
    n += !before;
  }
  return n;
}

static void summary(const struct weir_collection *all, size_t known, bool whole) {
  struct weir_buf said = {0};
  if (all->count)
    fprintf(stderr, "weir analyze: %zu finding%s in %zu file%s", all->count,
            all->count == 1 ? "" : "s", files_of(all), files_of(all) == 1 ? "" : "s");
  else
    fprintf(stderr, "weir analyze: no findings%s", whole ? "" : " in what could be checked");
  if (known) fprintf(stderr, ", %zu left out that the baseline has", known);
  fprintf(stderr, "\n");
  weir_sift_say(&set.sift, &said);
  if (said.len) fputs(said.data, stderr);
  weir_buf_free(&said);
}

// Prints what is left of the file's findings. Their number; -1 after a message.
static long show(const char *log, bool whole) {
  struct weir_symbolizer *symbolizer = weir_symbolizer_new();
  struct weir_collection all = {0}, before = {0};
  struct weir_buf out = {0};
  bool fine = load(log, true, symbolizer, &all) &&
              (!set.baseline || load(set.baseline, false, symbolizer, &before));
  size_t known = set.baseline && fine ? weir_collection_drop(&all, &before) : 0;
  long count = fine ? (long)all.count : -1;
  for (size_t i = 0; i < all.count && fine; i++)
    if (weir_finding_is_static(all.at[i]))
      weir_render_text(all.at[i], weir_color_wanted(set.color, STDOUT_FILENO), &out);
  if (out.len) (void)weir_write_all(STDOUT_FILENO, out.data, out.len);
  if (fine && !set.quiet) summary(&all, known, whole);
  weir_buf_free(&out);
  weir_collection_free(&before);
  weir_collection_free(&all);
  weir_source_free();
  weir_symbolizer_free(symbolizer);
  return count;
}

// The file of records: the user's, made anew, or one that is removed afterwards.
static bool make_log(char path[PATH_MAX]) {
  const char *folder = getenv("TMPDIR");
  int fd = -1;
  if (set.log) {
    snprintf(path, PATH_MAX, "%s", set.log);
    FILE *file = fopen(path, "we");
    if (file) return fclose(file) == 0;
  } else {
    snprintf(path, PATH_MAX, "%s/weir-analyze.XXXXXX", folder && *folder ? folder : "/tmp");
    if ((fd = mkstemp(path)) >= 0) return close(fd) == 0;
  }
  fprintf(stderr, "weir analyze: cannot write %s: %s\n", path, strerror(errno));
  return false;
}

static int run(char **words, int first, int count) {
  char log[PATH_MAX];
  if (set.sift.rules.problems || !make_log(log)) return WEIR_EXIT_FAILED;
  int status = launch(words, first, count, log);
  long found = status == WEIR_EXIT_CLEAN || status == WEIR_EXIT_FAILED
                   ? show(log, status == WEIR_EXIT_CLEAN)
                   : 0;
  if (!set.log) unlink(log);
  if (status == WEIR_EXIT_USAGE) return status;
  if (status < 0 || found < 0) return WEIR_EXIT_FAILED;
  return found ? WEIR_EXIT_FINDINGS : status;
}

int weir_verb_analyze(int argc, char **argv) {
  int count, status;
  set = (struct settings){.color = WEIR_COLOR_AUTO};
  char **words = ordered(argc, argv, &count);
  int first = weir_options_parse(&usage, count, words);
  if (first == WEIR_OPTIONS_HELP)
    status = WEIR_EXIT_CLEAN;
  else if (first == WEIR_OPTIONS_BAD)
    status = WEIR_EXIT_USAGE;
  else if (!set.build &&
           (first == count || !strcmp(words[first - 1], "--") || !strcmp(words[first], "--")))
    status = weir_usage_error(&usage, "which files? Name them, or a build folder with -p");
  else
    status = run(words, first, count);
  for (int i = 0; i < count; i++)
    free(words[i]);
  free(words);
  weir_sift_free(&set.sift);
  return status;
}
