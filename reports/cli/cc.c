// SPDX-License-Identifier: Apache-2.0
//
// weir cc, weir c++: clang 19 with Weir's flags around the user's own, so that
// CC="weir cc" works where a compiler is expected. It reads the command line only
// to learn two things: does it compile (a source is among the inputs), and does it
// link an executable. Everything else is clang's business; the program is replaced
// by clang, so its status and output are clang's.
//
// The race runtime is linked by naming its archive, as clang's driver does for
// -fsanitize=thread. That flag itself would also make clang instrument, after the
// plugin already has. A shared object gets neither runtime: the executable that loads
// it has both, and exports their symbols.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cc_scan.h"
#include "cli/exit.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/verbs.h"

#ifndef WEIR_CLANG
#define WEIR_CLANG "clang-19"
#endif
#ifndef WEIR_CLANGXX
#define WEIR_CLANGXX "clang++-19"
#endif

enum { MAX_EXTRA = 48 };

// The argument vector under construction. What was made here is in owned.
struct command {
  const char **argv;
  int argc;
  char *owned[MAX_EXTRA];
  int owns;
};

static void add(struct command *c, const char *arg) {
  c->argv[c->argc++] = arg;
}

__attribute__((format(printf, 2, 0))) static void add_format(struct command *c, const char *format,
                                                             const char *path) {
  char *text;
  if (asprintf(&text, format, path) < 0) {
    fprintf(stderr, "weir cc: out of memory\n");
    exit(WEIR_EXIT_FAILED);
  }
  c->owned[c->owns++] = text;
  add(c, text);
}

// What `clang -print-resource-dir` says; the race runtime lives below it.
static bool resource_dir(const char *clang, char out[PATH_MAX]) {
  int fds[2];
  if (pipe(fds) != 0) return false;
  pid_t pid = fork();
  if (pid == 0) {
    dup2(fds[1], STDOUT_FILENO);
    close(fds[0]);
    close(fds[1]);
    execlp(clang, clang, "-print-resource-dir", (char *)NULL);
    _exit(127);
  }
  close(fds[1]);
  FILE *in = fdopen(fds[0], "r");
  bool got = in && pid > 0 && fgets(out, PATH_MAX, in);
  if (in) fclose(in);
  if (pid > 0) waitpid(pid, NULL, 0);
  if (got) out[strcspn(out, "\n")] = 0;
  return got;
}

// Two layouts: one folder per system, or one per target triple.
static bool race_archive(const char *dir, const char *name, char out[PATH_MAX]) {
  struct utsname machine;
  if (uname(&machine) != 0) return false;
  const char *cpu = machine.machine;
  if (snprintf(out, PATH_MAX, "%s/lib/linux/lib%s-%s.a", dir, name, cpu) < PATH_MAX &&
      access(out, R_OK) == 0)
    return true;
  return snprintf(out, PATH_MAX, "%s/lib/%s-unknown-linux-gnu/lib%s.a", dir, cpu, name) <
             PATH_MAX &&
         access(out, R_OK) == 0;
}

// What ThreadSanitizer maps for each fiber, the runtime keeps for the next
// (runtime/hb/tsan_stacks.c); what the program's signal handlers access is not checked
// (handlers.c).
static const char *const wrapped[] = {
    "_ZN11__sanitizer18MmapNoReserveOrDieEmPKc", "_ZN11__sanitizer10UnmapOrDieEPvmb",
    "_ZN11__sanitizer27SetShadowRegionHugePageModeEmm", "sigaction", "signal"};

static bool add_race_runtime(struct command *c, const char *clang, bool cxx) {
  static const char *const names[] = {"clang_rt.tsan", "clang_rt.tsan_cxx"};
  char dir[PATH_MAX], archive[PATH_MAX];
  bool known = resource_dir(clang, dir);
  for (int i = 0; i < (cxx ? 2 : 1); i++) {
    if (!known || !race_archive(dir, names[i], archive)) {
      fprintf(stderr,
              "weir cc: no lib%s for %s: install libclang-rt-19-dev, or give --weir-no-race\n",
              names[i], clang);
      return false;
    }
    add_format(c, "-Wl,--whole-archive,%s,--no-whole-archive", archive);
    add_format(c, "-Wl,--dynamic-list=%s.syms", archive);
  }
  for (size_t i = 0; i < sizeof wrapped / sizeof *wrapped; i++)
    add_format(c, "-Wl,--wrap=%s", wrapped[i]);
  add(c, "-fno-sanitize-link-runtime"); // its archive holds the other handlers too
  return true;
}

static bool add_compile_flags(struct command *c, const struct weir_cc_scan *scan) {
  char plugin[PATH_MAX], include[PATH_MAX];
  if (!weir_part_find(WEIR_PART_PLUGIN, plugin) || !weir_part_find(WEIR_PART_INCLUDE, include))
    return false;
  add_format(c, "-fplugin=%s", plugin);
  add(c, scan->race ? "-fplugin-arg-weir-inline=on" : "-fplugin-arg-weir-race=off");
  if (scan->race) add(c, "-fplugin-arg-weir-fences=on");
  if (scan->analyze) add(c, "-fplugin-arg-weir-analyze=on");
  if (scan->analyze && *scan->analyze) add_format(c, "-fplugin-arg-weir-checks%s", scan->analyze);
  add(c, "-isystem");
  add_format(c, "%s", include);
  add(c, "-fblocks");
  if (scan->race) add(c, "-D__tsan_default_options=__weir_tsan_default_options"); // hb/tsan.c
  add(c, "-fno-omit-frame-pointer");
  add(c, "-fstack-clash-protection"); // no frame steps over the guard page below a stack
  if (!scan->debug_flag) add(c, "-g");
  return true;
}

static bool add_link_flags(struct command *c, const struct weir_cc_scan *scan, const char *clang,
                           bool cxx) {
  char library[PATH_MAX];
  if (!weir_part_find(WEIR_PART_LIBRARY, library)) return false;
  if (scan->race && !scan->sanitize_thread && !add_race_runtime(c, clang, cxx)) return false;
  add_format(c, "-Wl,--whole-archive,%s,--no-whole-archive", library);
  add(c, "-Wl,--export-dynamic-symbol=weir_*,--export-dynamic-symbol=__weir_*");
  add(c, "-Wl,--push-state,--no-as-needed");
  add(c, "-lpthread");
  add(c, "-lrt");
  add(c, "-lm");
  add(c, "-ldl");
  add(c, "-lresolv");
  add(c, "-Wl,--pop-state");
  add(c, "-lunwind");
  if (scan->static_link) add(c, "-llzma"); // which libunwind.a needs
  return true;
}

static const struct weir_usage cc_usage = {
    "cc", "[clang's arguments]",
    "Compiles and links C with clang 19, the compiler plugin and the runtime. Use it\n"
    "wherever a C compiler is expected. All arguments are clang's, but for\n\n"
    "  --weir-no-race    do not instrument for data races (faster; the other detectors\n"
    "                    stay); give it when compiling and when linking\n\n"
    "  --weir-analyze[=ID,ID]\n"
    "                    warn of what `weir analyze` would find in the file (only these\n"
    "                    checks); -fplugin-arg-weir-roles=FILE is its --roles\n\n"
    "  -fsanitize-ignorelist=FILE\n"
    "                    do not check what FILE lists: lines `src:PATTERN` for files,\n"
    "                    `fun:PATTERN` for functions\n\n"
    "It warns of synchronisation that race checks cannot see: atomic instructions in\n"
    "inline assembly (-fplugin-arg-weir-unseen=off: no warning).\n"
    "-g is added unless a -g flag is given, because reports name lines. WEIR_CLANG in\n"
    "the environment names another clang 19, WEIR_CLANGXX another clang++.\n",
    "  weir cc -O2 prog.c -o prog\n"
    "  make CC=\"weir cc\"\n"
    "  cmake -DCMAKE_C_COMPILER=weir -DCMAKE_C_COMPILER_ARG1=cc ..\n"
    "  CC=\"weir cc\" ./configure\n",
    NULL};
static const struct weir_usage cxx_usage = {
    "c++", "[clang++'s arguments]",
    "What `weir cc` is for C: the same arguments, with clang++ 19.\n",
    "  weir c++ -O2 prog.cpp -o prog\n"
    "  make CC=\"weir cc\" CXX=\"weir c++\"\n",
    NULL};

static int refuse(const struct weir_usage *usage, const struct weir_cc_scan *scan) {
  if (scan->race && scan->link && scan->static_link)
    return weir_usage_error(usage, "races cannot be checked in a -static program: drop -static, "
                                   "or give --weir-no-race");
  if (scan->race && scan->sanitize_other) {
    return weir_usage_error(usage, "%s excludes the checking of races: give --weir-no-race with it",
                            scan->sanitize_other);
  }
  return WEIR_EXIT_CLEAN;
}

// Clang's driver drops the list of what is not to be checked where it sees no sanitizer
// flag; its compiler proper takes it. Ours first, so that the user's win; what is linked last,
// because it serves theirs.
static bool build(struct command *c, const struct weir_cc_scan *scan, const char *clang, bool cxx,
                  int argc, char **argv) {
  add(c, clang);
  add(c, "--start-no-unused-arguments");
  if (scan->compile && !add_compile_flags(c, scan)) return false;
  add(c, "--end-no-unused-arguments");
  for (int i = 1; i < argc; i++) {
    if (weir_cc_is_own(argv[i])) continue;
    if (strncmp(argv[i], "-fsanitize-ignorelist=", 22) == 0) add(c, "-Xclang");
    add(c, argv[i]);
  }
  add(c, "--start-no-unused-arguments");
  if (scan->link && !add_link_flags(c, scan, clang, cxx)) return false;
  add(c, "--end-no-unused-arguments");
  return true;
}

static int compile(const struct weir_usage *usage, bool cxx, int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    weir_usage_print(usage);
    return WEIR_EXIT_CLEAN;
  }
  const char *clang = getenv(cxx ? "WEIR_CLANGXX" : "WEIR_CLANG");
  if (!clang || !*clang) clang = cxx ? WEIR_CLANGXX : WEIR_CLANG;

  struct weir_cc_scan scan;
  weir_cc_scan(&scan, argc, argv);
  int status = refuse(usage, &scan);
  if (status != WEIR_EXIT_CLEAN) return status;

  struct command c = {.argv = calloc(2 * (size_t)argc + MAX_EXTRA, sizeof *c.argv)};
  if (c.argv && build(&c, &scan, clang, cxx, argc, argv)) {
    execvp(clang, (char *const *)c.argv);
    fprintf(stderr, "weir %s: cannot run %s: %s; install clang-19 or set WEIR_CLANG%s\n",
            usage->verb, clang, strerror(errno), cxx ? "XX" : "");
  }
  for (int i = 0; i < c.owns; i++)
    free(c.owned[i]);
  free(c.argv);
  return WEIR_EXIT_FAILED;
}

int weir_verb_cc(int argc, char **argv) {
  return compile(&cc_usage, false, argc, argv);
}

int weir_verb_cxx(int argc, char **argv) {
  return compile(&cxx_usage, true, argc, argv);
}
