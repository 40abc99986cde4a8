// SPDX-License-Identifier: Apache-2.0
//
// weir selftest: the negative control. A run that reports nothing proves something
// only if the tool can find what it claims to; so a program with one planted bug of
// every kind of findings.def is run here, on this machine, and each must be reported
// as exactly that kind, and as certain as it is. One more run without a bug must be silent. The
// list is findings.def's, so a new kind without a planted bug fails. Where a kind is found in more
// than one way, a bug is planted for each.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/verbs.h"

enum { LIMIT_S = 30, TEXT = 256 };

static const struct kind {
  const char *id, *certainty, *title, *plant;
} kinds[] = {
#define WEIR_FINDING(enumerator, id, certainty, title) {id, certainty, title, id},
#include <weir/findings.def>
    {"partial-deadlock", "proven", "... with readers of an rwmutex", "partial-deadlock+readers"},
    {"partial-deadlock", "proven", "... through channels", "partial-deadlock+knot"},
    {"lock-order", "predicted", "... of a lock and a channel", "lock-order+channel"},
    {"goroutine-leak", "proven", "... of what nothing leads to", "goroutine-leak+reach"},
    {"starvation", "suspected", "... by who is always passed over", "starvation+passed"},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };
static const struct kind none = {"none", NULL, "(no bug: nothing may be found)", "none"};

static bool keep;
static const struct weir_option options[] = {
    {"keep", NULL, "keep the files of the runs and say where", &keep, NULL, NULL}, {0}};
static const struct weir_usage usage = {
    "selftest", "[options]",
    "Plants one bug of each kind and checks that each is found, here, with this\n"
    "installation. Ends 0 if all are, 3 if not.\n",
    "  weir selftest\n", options};

// Detectors that are off by default, with limits that suit the planted bugs.
static const struct {
  const char *plant, *options;
} needs[] = {
    {"stuck-goroutine", "stuck_ms=200"},
    {"lock-order", "lock_order=1"}, // else a deadlock's locks are reported twice
    {"lock-order+channel", "lock_order=1"},
    {"partial-deadlock+knot", "knot_check_ms=100:halt_on_error=1"},
    {"cpu-hog", "procs=1:cpu_hog_ms=200"},
    {"livelock", "procs=1:livelock_rounds=1000"}, // they alternate then, whatever else runs
    {"starvation", "procs=1:starvation_ms=100"},
    {"starvation+passed", "procs=1:starvation_rounds=1000"},
};

static const char *options_for(const char *plant) {
  for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
    if (strcmp(needs[i].plant, plant) == 0) return needs[i].options;
  return "lock_order=0";
}

static _Noreturn void become(const char *program, const char *id, const char *folder,
                             const char *self) {
  char text[3 * PATH_MAX], output[PATH_MAX];
  snprintf(text, sizeof text, "%s:reporter=%s:log_path=%s/%s", options_for(id), self, folder, id);
  setenv("WEIR_OPTIONS", text, 1);
  snprintf(output, sizeof output, "%s/%s.txt", folder, id);
  if (!freopen("/dev/null", "r", stdin) || !freopen(output, "w", stdout) ||
      dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
    _exit(127);
  alarm(LIMIT_S); // survives exec: ends a run that hangs
  execl(program, program, id, (char *)NULL);
  _exit(127);
}

// The wait status, with the pid of the run.
static int run(const char *program, const char *id, const char *folder, const char *self,
               pid_t *pid) {
  int status = -1;
  fflush(stdout);
  *pid = fork();
  if (*pid == 0) become(program, id, folder, self);
  while (*pid > 0 && waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// Reads the finding file of a run: how many findings are of this kind, as certain as it is, and how
// many are not; `other` says what one of the others is.
static void read_ids(const char *path, const struct kind *kind, int *right, int *wrong,
                     char other[TEXT]) {
  FILE *file = fopen(path, "r");
  *right = *wrong = 0;
  if (!file) return;
  char *line = NULL;
  size_t size = 0;
  while (getline(&line, &size, file) > 0) {
    json_t *record = json_loads(line, 0, NULL);
    const char *found = json_string_value(json_object_get(record, "id"));
    const char *certainty = json_string_value(json_object_get(record, "certainty"));
    bool same = found && kind->certainty && strcmp(found, kind->id) == 0;
    if (same && certainty && strcmp(certainty, kind->certainty) == 0) {
      ++*right;
    } else if (same) {
      ++*wrong;
      snprintf(other, TEXT, "it %s, not %s", certainty ? certainty : "?", kind->certainty);
    } else {
      ++*wrong;
      snprintf(other, TEXT, "%s", found ? found : "a record that cannot be read");
    }
    json_decref(record);
  }
  free(line);
  fclose(file);
}

// NULL: as it must be; else what is wrong, in text.
static const char *judge(const struct kind *kind, int status, const char *path, char text[TEXT]) {
  bool bug = kind->certainty != NULL;
  int right, wrong;
  char other[TEXT] = "";
  read_ids(path, kind, &right, &wrong, other);
  bool crashed = bug && strcmp(kind->id, "crash") == 0 && WIFSIGNALED(status);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    snprintf(text, TEXT, "not over after %d s", LIMIT_S);
  else if (WIFSIGNALED(status) && !crashed)
    snprintf(text, TEXT, "ended by signal %d", WTERMSIG(status));
  else if (WEXITSTATUS(status) == WEIR_EXIT_USAGE)
    snprintf(text, TEXT, "no bug of this kind is planted");
  else if (wrong)
    snprintf(text, TEXT, "found %s instead", other);
  else if (bug && !right)
    snprintf(text, TEXT, "not found (status %d)", WEXITSTATUS(status));
  else if (!crashed && WEXITSTATUS(status) != (bug ? WEIR_EXIT_FINDINGS : WEIR_EXIT_CLEAN))
    snprintf(text, TEXT, "status %d", WEXITSTATUS(status));
  else
    return NULL;
  return text;
}

static bool check(const char *program, const struct kind *kind, const char *folder,
                  const char *self) {
  char path[PATH_MAX], text[TEXT];
  pid_t pid;
  int status = run(program, kind->plant, folder, self, &pid);
  snprintf(path, sizeof path, "%s/%s.%d", folder, kind->plant, (int)pid);
  const char *problem = judge(kind, status, path, text);
  const char *good = kind->certainty ? "found" : "silent";
  printf("  %-24s %-48s %s\n", kind->plant, kind->title, problem ? problem : good);
  return !problem;
}

static void remove_files(const char *folder) {
  pid_t pid = fork();
  if (pid == 0) {
    execlp("rm", "rm", "-rf", "--", folder, (char *)NULL);
    _exit(127);
  }
  while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
  }
}

static int check_all(const char *program, const char *folder, const char *self) {
  int good = 0;
  printf("weir selftest: one planted bug of each kind\n");
  for (int i = 0; i < N_KINDS; i++)
    good += check(program, &kinds[i], folder, self);
  bool silent = check(program, &none, folder, self);
  printf("weir selftest: %d of %d bugs found%s\n", good, N_KINDS,
         silent ? "" : ", and a false alarm");
  return good == N_KINDS && silent ? WEIR_EXIT_CLEAN : WEIR_EXIT_FAILED;
}

int weir_verb_selftest(int argc, char **argv) {
  keep = false;
  int first = weir_options_parse(&usage, argc, argv);
  if (first == WEIR_OPTIONS_HELP) return WEIR_EXIT_CLEAN;
  if (first == WEIR_OPTIONS_BAD) return WEIR_EXIT_USAGE;
  if (first < argc) return weir_usage_error(&usage, "'%s' is one argument too many", argv[first]);

  char program[PATH_MAX], self[PATH_MAX], folder[PATH_MAX];
  const char *base = getenv("TMPDIR");
  if (!weir_part_find(WEIR_PART_SELFTEST, program) || !weir_part_find(WEIR_PART_SELF, self))
    return WEIR_EXIT_FAILED;
  snprintf(folder, sizeof folder, "%s/weir-selftest-XXXXXX", base && *base ? base : "/tmp");
  if (!mkdtemp(folder)) {
    fprintf(stderr, "weir selftest: cannot make a folder for the runs: %s: %s\n", folder,
            strerror(errno));
    return WEIR_EXIT_FAILED;
  }
  int status = check_all(program, folder, self);
  if (keep)
    printf("files: %s\n", folder);
  else
    remove_files(folder);
  return status;
}
