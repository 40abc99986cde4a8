// SPDX-License-Identifier: Apache-2.0
//
// weir run: a program under the detectors, its findings kept. It only sets
// WEIR_OPTIONS, runs the program as a child with the same standard streams, and
// reads what it left; all checking is done by the runtime in the program itself.
//
// A run-time option is what run's command line says, else what the caller's
// WEIR_OPTIONS says, else what the program itself has compiled in, else run's default
// (WEIR_RUN_DEFAULTS, which the runtime reads first). The status is 66 where there are findings,
// however the program ended, else the program's own (128 + signal).
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/log.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/program.h"
#include "cli/sift.h"
#include "cli/verbs.h"

#define SEPARATORS ": ,\n" // of WEIR_OPTIONS

enum { OPTIONS_SIZE = 4096 };

static struct settings {
  long stuck_ms;
  const char *log, *color, *suppressions;
  long procs;
  long shake, runs; // 0: not given
  bool quiet, children;
  char more[OPTIONS_SIZE]; // key=value:... of --option
} set;

// "30s", "500ms", "2m", "1h", or 0 for off.
static bool set_stuck(const char *value) {
  static const struct {
    const char *name;
    long ms;
  } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
  char *unit;
  errno = 0;
  long n = strtol(value, &unit, 10);
  if (unit == value || n < 0 || errno || n > 1000000000) return false;
  if (n == 0 && !*unit) return set.stuck_ms = 0, true;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
    if (strcmp(unit, units[i].name) == 0) return set.stuck_ms = n * units[i].ms, true;
  return false;
}

static bool set_procs(const char *value) {
  char *end;
  set.procs = strtol(value, &end, 10);
  return *value && !*end && set.procs >= 1 && set.procs <= 1024;
}

static bool set_count(const char *value, long *out) {
  char *end;
  *out = strtol(value, &end, 10);
  return *value && !*end && *out >= 1 && *out <= 1000000000;
}
static bool set_shake(const char *value) {
  return set_count(value, &set.shake);
}
static bool set_runs(const char *value) {
  return set_count(value, &set.runs);
}

static bool set_color(const char *value) {
  set.color = value;
  return !strcmp(value, "auto") || !strcmp(value, "always") || !strcmp(value, "never");
}

// The runtime knows the keys and warns of others; here only the form is checked.
static bool set_more(const char *value) {
  const char *equal = strchr(value, '=');
  size_t used = strlen(set.more), room = sizeof set.more - used;
  if (!equal || equal == value || strpbrk(value, SEPARATORS)) return false;
  if (strncmp(value, "log_path=", 9) == 0) return false;
  return snprintf(set.more + used, room, ":%s", value) < (int)room;
}

static bool set_trace(const char *value) {
  char item[PATH_MAX];
  return *value && snprintf(item, sizeof item, "trace=%s", value) < PATH_MAX && set_more(item);
}

static const struct weir_option options[] = {
    {"stuck", "DURATION", "report goroutines blocked longer, e.g. 30s, 500ms; 0: off (60s)", NULL,
     NULL, set_stuck},
    {"procs", "N", "workers that run goroutines, 1 to 1024 (the number of CPUs)", NULL, NULL,
     set_procs},
    {"shake", "SEED", "run goroutines in orders that are rare, from this seed on", NULL, NULL,
     set_shake},
    {"runs", "N", "run it N times at most, shaken from as many seeds, until something is found",
     NULL, NULL, set_runs},
    {"log", "FILE", "keep all findings of the run in FILE, made even if there are none", NULL,
     &set.log, NULL},
    {"trace", "FILE", "keep what goroutines do in FILE, for `weir trace`; %p is the process", NULL,
     NULL, set_trace},
    {"suppressions", "FILE", "findings that are not wanted; see docs/guide/suppressions.md", NULL,
     &set.suppressions, NULL},
    {"color", "auto|always|never", "colour of what is printed", NULL, NULL, set_color},
    {"option", "KEY=VALUE", "one more run-time option; WEIR_OPTIONS=help=1 lists them", NULL, NULL,
     set_more},
    {"children", NULL, "the program only starts others that are built with Weir", &set.children,
     NULL, NULL},
    {"quiet", NULL, "say nothing but the findings", &set.quiet, NULL, NULL},
    {0}};
static const struct weir_usage usage = {
    "run", "[options] -- program [arguments]",
    "Runs a program built with `weir cc` under the detectors and keeps what they find under\n"
    ".weir/. Ends 66 if there are findings, otherwise with the program's own status; 3 if the\n"
    "program cannot be run or nothing in it can be checked. Of a program that was killed, what\n"
    "its goroutines did last is kept beside the findings, for `weir trace`.\n",
    "  weir run -- ./server --port 8080\n"
    "  weir run --stuck=5s --log=findings.jsonl -- ./test\n"
    "  weir run --runs=20 -- ./test\n"
    "  weir run --trace=test.trace -- ./test && weir trace summary test.trace\n"
    "  weir run --children -- make check\n",
    options};

// The last value of key in options; false if it is not there.
static bool option_value(const char *text, const char *key, char value[PATH_MAX]) {
  bool found = false;
  size_t length = strlen(key);
  for (const char *item = text; *item; item += strcspn(item, SEPARATORS)) {
    item += strspn(item, SEPARATORS);
    if (strncmp(item, key, length) != 0 || item[length] != '=') continue;
    const char *from = item + length + 1;
    snprintf(value, PATH_MAX, "%.*s", (int)strcspn(from, SEPARATORS), from);
    found = true;
  }
  return found;
}

static bool absolute(const char *path, char out[PATH_MAX]) {
  char folder[PATH_MAX];
  if (*path == '/' || !getcwd(folder, sizeof folder) || strpbrk(folder, SEPARATORS))
    return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX;
  return snprintf(out, PATH_MAX, "%s/%s", folder, path) < PATH_MAX;
}

// Where the processes of the run write: FILE.PID for --log, else what the caller's
// options say, else .weir/NAME.PID. Absolute, because the program may change its
// folder, unless the folder's name holds what separates options.
static bool choose_prefix(const char *program, const char *inherited, char prefix[PATH_MAX]) {
  const char *slash = strrchr(program, '/'), *name = slash ? slash + 1 : program;
  char path[PATH_MAX];
  if (set.log)
    snprintf(path, sizeof path, "%s", set.log);
  else if (!option_value(inherited, "log_path", path))
    snprintf(path, sizeof path, ".weir/%s", name);
  for (char *c = path; !set.log && *c; c++)
    if (strchr(SEPARATORS, *c)) *c = '_';
  if (!strpbrk(path, SEPARATORS)) return absolute(path, prefix);
  fprintf(stderr, "weir run: a log path cannot hold ':', ',' or a blank: %s\n", path);
  return false;
}

// Appends ":key=value"; what does not fit is told by the length at the end.
__attribute__((format(printf, 3, 4))) static void put(char text[OPTIONS_SIZE], size_t *length,
                                                      const char *format, ...) {
  va_list args;
  va_start(args, format);
  size_t room = *length < OPTIONS_SIZE ? OPTIONS_SIZE - *length : 0;
  int n = vsnprintf(text + (room ? *length : 0), room, format, args);
  va_end(args);
  *length += n > 0 ? (size_t)n : 0;
}

// The suppressions are read here too: what cannot be used is said before the program runs, and
// afterwards it is said once for all processes which lines were used.
static bool open_suppressions(struct weir_sift *sift, char path[PATH_MAX]) {
  if (!set.suppressions) return true;
  if (!absolute(set.suppressions, path) || strpbrk(path, SEPARATORS)) {
    fprintf(stderr, "weir run: the path of suppressions cannot hold ':', ',' or a blank: %s\n",
            set.suppressions);
    return false;
  }
  weir_sift_file(sift, path, false);
  return !sift->rules.problems;
}

static void close_suppressions(struct weir_sift *sift, const struct weir_log_sum *sum) {
  const char *by;
  json_t *n;
  json_object_foreach(sum->suppressed_by, by, n)
      weir_sift_count(sift, by, (size_t)json_integer_value(n));
  sift->hidden = 0; // the summary has said how many
  struct weir_buf said = {0};
  weir_sift_say(sift, &said);
  if (said.len && sift->any && !set.quiet) fputs(said.data, stderr);
  weir_buf_free(&said);
  weir_sift_free(sift);
  json_decref(sum->suppressed_by);
}

// The new WEIR_OPTIONS: the caller's, what run adds where the caller says nothing, and
// then the command line, whose word is the last.
static bool compose(const char *inherited, const char *prefix, const char *suppressions, long seed,
                    char text[OPTIONS_SIZE]) {
  char value[PATH_MAX], self[PATH_MAX];
  size_t length = 0;
  put(text, &length, "%s%slog_path=%s", inherited, *inherited ? ":" : "", prefix);
  if (set.stuck_ms >= 0) put(text, &length, ":stuck_ms=%ld", set.stuck_ms);
  if (!option_value(inherited, "reporter", value) && weir_part_find(WEIR_PART_SELF, self) &&
      !strpbrk(self, SEPARATORS))
    put(text, &length, ":reporter=%s", self);
  if (set.procs) put(text, &length, ":procs=%ld", set.procs);
  if (seed) put(text, &length, ":shake=%ld", seed);
  if (set.color) put(text, &length, ":color=%s", set.color);
  if (!option_value(inherited, "recorder_file", value) && !strchr(prefix, '%'))
    put(text, &length, ":recorder_file=%s%s", prefix, WEIR_LOG_RECORDER);
  if (*suppressions) put(text, &length, ":suppressions=%s:print_suppressions=0", suppressions);
  put(text, &length, "%s", set.more);
  if (length < OPTIONS_SIZE) return true;
  fprintf(stderr, "weir run: the options are longer than %d bytes\n", OPTIONS_SIZE - 1);
  return false;
}

// Fills text (the new WEIR_OPTIONS) and opens the log.
static bool prepare(const struct weir_program *program, const char *inherited, long seed,
                    struct weir_log *log, struct weir_sift *sift, char text[OPTIONS_SIZE]) {
  char prefix[PATH_MAX], suppressions[PATH_MAX] = "";
  return choose_prefix(program->path, inherited, prefix) && open_suppressions(sift, suppressions) &&
         weir_log_open(log, usage.verb, prefix) &&
         compose(inherited, log->prefix, suppressions, seed, text);
}

static volatile pid_t child;
static pid_t was_child; // the last

static void pass_on(int signal) {
  if (child > 0) kill(child, signal);
}

// Ctrl-C reaches the child by itself, and we stay to tell what it found; what is sent
// to us alone is passed on.
static void signals(void) {
  signal(SIGINT, SIG_IGN);
  signal(SIGQUIT, SIG_IGN);
  struct sigaction action = {.sa_handler = pass_on};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGHUP, &action, NULL);
}

static _Noreturn void become(const struct weir_program *program, char **argv, int report) {
  execv(program->path, argv);
  if (errno == ENOEXEC) execvp(program->path, argv); // a script without #!
  int error = errno;
  (void)!write(report, &error, sizeof error);
  _exit(127);
}

// The wait status; -1 after a message if the program could not be started.
static int launch(const struct weir_program *program, char **argv) {
  int fds[2], error, status;
  if (pipe2(fds, O_CLOEXEC) != 0 || (child = fork()) < 0) {
    fprintf(stderr, "weir run: cannot start a process: %s\n", strerror(errno));
    return -1;
  }
  if (child == 0) become(program, argv, fds[1]);
  signals();
  close(fds[1]);
  ssize_t n;
  while ((n = read(fds[0], &error, sizeof error)) < 0 && errno == EINTR) {
  }
  close(fds[0]);
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  was_child = child;
  child = 0;
  if (n != sizeof error) return status;
  fprintf(stderr, "weir run: cannot run '%s': %s\n", program->path, strerror(error));
  return -1;
}

// Whether the run makes sense; says what will not be checked.
static bool announce(const struct weir_program *p, const char *name) {
  if (set.children) return true;
  if (p->elf && !p->weir) {
    fprintf(stderr,
            "weir run: %s is not linked with Weir, so nothing would be checked: build it with "
            "`weir cc`, or give --children if it only starts others\n",
            name);
    return false;
  }
  if (p->elf && !p->instrumented)
    fprintf(stderr, "weir run: %s is not instrumented: data races are not checked\n", name);
  return true;
}

static const char *shown(const char *path) {
  char folder[PATH_MAX];
  size_t length = getcwd(folder, sizeof folder) ? strlen(folder) : 0;
  bool below = length && strncmp(path, folder, length) == 0 && path[length] == '/';
  return below ? path + length + 1 : path;
}

static void summary(const struct weir_log_sum *sum, bool looked) {
  const char *file = shown(sum->first), *weir = program_invocation_name;
  if (set.quiet) return;
  if (!sum->findings) {
    fprintf(stderr, "weir run: no findings%s",
            looked ? "" : " by programs built with Weir, if it started any");
    if (sum->suppressed) fprintf(stderr, " but %ld suppressed", sum->suppressed);
    fprintf(stderr, "\n");
    return;
  }
  fprintf(stderr, "weir run: %ld finding%s in %s", sum->findings, sum->findings == 1 ? "" : "s",
          file);
  if (sum->files > 1 && !set.log) fprintf(stderr, " and %d more", sum->files - 1);
  if (sum->suppressed) fprintf(stderr, ", not counting %ld suppressed", sum->suppressed);
  fprintf(stderr,
          "\n  again as text:  %s report show %s\n  as a page:      %s report html %s -o "
          "findings.html\n",
          weir, file, weir, file);
}

// What is left of processes that were killed, or went without a word.
static void tell_recorded(const struct weir_log *log, int status) {
  char file[PATH_MAX];
  int kept = weir_log_recorders(log, WIFEXITED(status) ? was_child : 0, file);
  if (!kept || set.quiet) return;
  fprintf(stderr, "weir run: ");
  if (WIFSIGNALED(status))
    fprintf(stderr, "the program was ended by signal %d (%s)", WTERMSIG(status),
            strsignal(WTERMSIG(status)));
  else
    fprintf(stderr, "%d process%s did not come to %s end", kept, kept == 1 ? "" : "es",
            kept == 1 ? "its" : "their");
  fprintf(stderr, "; what goroutines did last:\n  %s trace summary %s\n", program_invocation_name,
          shown(file));
}

static int verdict(const char *text, const struct weir_log_sum *sum, int status) {
  char value[PATH_MAX];
  int own = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (!sum->findings) return own;
  int wanted = option_value(text, "exitcode", value) ? atoi(value) : WEIR_EXIT_FINDINGS;
  return wanted ? wanted : own;
}

// One run. `last`: say how it went even if nothing was found. *over: it went otherwise than well.
static int run_once(const struct weir_program *program, char **argv, const char *inherited,
                    long seed, bool last, bool *over) {
  struct weir_log log;
  struct weir_log_sum sum;
  struct weir_sift sift = {0};
  char text[OPTIONS_SIZE];
  *over = true;
  if (!prepare(program, inherited, seed, &log, &sift, text)) {
    weir_sift_free(&sift);
    return WEIR_EXIT_FAILED;
  }
  setenv("WEIR_OPTIONS", text, 1);
  int status = launch(program, argv);
  if (status == -1 || !weir_log_close(&log, usage.verb, set.log, &sum)) return WEIR_EXIT_FAILED;
  *over = sum.findings || status;
  tell_recorded(&log, status);
  if (*over && seed && !set.quiet) fprintf(stderr, "weir run: with --shake=%ld\n", seed);
  if (*over || last) {
    summary(&sum, program->weir);
    close_suppressions(&sift, &sum);
  } else {
    weir_sift_free(&sift);
    json_decref(sum.suppressed_by);
  }
  return verdict(text, &sum, status);
}

int weir_verb_run(int argc, char **argv) {
  set = (struct settings){.stuck_ms = -1};
  int first = weir_options_parse(&usage, argc, argv);
  if (first == WEIR_OPTIONS_HELP) return WEIR_EXIT_CLEAN;
  if (first == WEIR_OPTIONS_BAD) return WEIR_EXIT_USAGE;
  if (first == argc) return weir_usage_error(&usage, "which program?");

  struct weir_program program;
  if (!weir_program_find(&program, usage.verb, argv[first]) || !announce(&program, argv[first]))
    return WEIR_EXIT_FAILED;
  const char *given = getenv("WEIR_OPTIONS");
  char *inherited = weir_xstrdup(given ? given : "");
  setenv("WEIR_RUN_DEFAULTS",
         "stuck_ms=60000:cpu_hog_ms=10000:starvation_ms=10000:lock_order=1:knot_check_ms=200:"
         "recorder=1",
         1);
  long runs = set.runs ? set.runs : 1, seed = set.runs && !set.shake ? 1 : set.shake;
  int status = WEIR_EXIT_CLEAN;
  bool over = false;
  for (long i = 0; i < runs && !over; i++)
    status = run_once(&program, argv + first, inherited, seed ? seed + i : 0, runs == 1, &over);
  if (!over && runs > 1 && !set.quiet) fprintf(stderr, "weir run: nothing in %ld runs\n", runs);
  free(inherited);
  return status;
}
