// SPDX-License-Identifier: Apache-2.0
//
// `weir trace`: a trace file (option trace=FILE of a program, `weir run --trace`) in one of its
// forms. Options may stand anywhere.
//
// Statuses: 0 done, 2 usage, 3 the trace could not be read or the output not be written.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "trace/export.h"

static const char *output, *wanted_profile;
static struct weir_part part;

static bool set_goid(const char *value) {
  char *end;
  errno = 0;
  part.goid = strtoull(value, &end, 10);
  return !errno && part.goid && !*end && *value != '-';
}

// "1.5" (seconds, as `list` prints them), "20ms", "3m": since the trace began.
static bool set_time(const char *value, int64_t *ns) {
  static const struct {
    const char *name;
    double ns;
  } units[] = {{"", 1e9}, {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 6e10}};
  char *unit;
  double n = strtod(value, &unit);
  if (unit == value || !(n >= 0 && n < 1e6)) return false;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (!strcmp(unit, units[i].name)) return *ns = (int64_t)(n * units[i].ns + 0.5), true;
  return false;
}
static bool set_from(const char *value) {
  return set_time(value, &part.from);
}
static bool set_to(const char *value) {
  return set_time(value, &part.to) && part.to > 0;
}

static const struct weir_option options[] = {
    {"output", "FILE", "write to FILE instead of standard output (also -o FILE)", NULL, &output,
     NULL},
    {"goroutine", "ID", "of this goroutine alone", NULL, NULL, set_goid},
    {"from", "TIME", "not what was before: seconds since the beginning, or 20ms, 3m", NULL, NULL,
     set_from},
    {"to", "TIME", "not what comes later", NULL, NULL, set_to},
    {"profile", "KIND", "pprof: block (the default), mutex, goroutine or leak", NULL,
     &wanted_profile, NULL},
    {0}};

static const struct weir_usage usage = {
    "trace", "FORM [options] FILE",
    "Shows what goroutines did, from a file that `weir run --trace=FILE` or the option\n"
    "trace=FILE of a program has made. The file may be of a program that still runs, or that\n"
    "was killed; of a long run it holds the newest part. A program that is killed under\n"
    "`weir run` leaves LOG.PID.trace: the newest 15 things that each of its goroutines did.\n"
    "\n"
    "  summary   where goroutines waited longest, who let them go on, who ran\n"
    "  perfetto  JSON for ui.perfetto.dev and chrome://tracing: a lane for each goroutine and\n"
    "            each worker, arrows from sends to receives and from who woke to who was woken\n"
    "  pprof     a profile for `go tool pprof`: block, mutex, goroutine, leak\n"
    "  list      every event as a line of text\n",
    "  weir run --trace=prog.trace -- ./prog && weir trace summary prog.trace\n"
    "  weir trace perfetto prog.trace -o prog.json\n"
    "  weir trace pprof --profile=mutex prog.trace -o mutex.pb.gz && go tool pprof -top "
    "mutex.pb.gz\n"
    "  weir trace list --goroutine=7 --from=1.25 --to=1.3 prog.trace\n",
    options};

enum form { SUMMARY, PERFETTO, PPROF, LIST, FORMS };
static const char *const form_names[FORMS] = {"summary", "perfetto", "pprof", "list"};

static bool progress(void *arg, unsigned percent) {
  static unsigned said;
  (void)arg;
  if (percent != said) fprintf(stderr, "\rweir trace: %u %%", said = percent);
  return true;
}

// --- the command line --------------------------------------------------------------------------

// Fills `words` with what is no option; the number of them, or what weir_options_parse says.
static int parse(int argc, char **argv, const char *words[2]) {
  static char long_output[] = "--output";
  int n = 0;
  for (int i = 1; i < argc; i++)
    if (!strcmp(argv[i], "-o")) argv[i] = long_output;
  for (int at = 0; at < argc;) {
    int next = weir_options_parse(&usage, argc - at, argv + at);
    if (next < 0) return next;
    at += next;
    if (at < argc) {
      if (n == 2) {
        weir_usage_error(&usage, "one file at a time; what is '%s'?", argv[at]);
        return WEIR_OPTIONS_BAD;
      }
      words[n++] = argv[at];
    }
  }
  return n;
}

static int form_of(const char *word) {
  for (int i = 0; i < FORMS; i++)
    if (!strcmp(word, form_names[i])) return i;
  const char *near = weir_nearest(word, form_names, FORMS);
  weir_usage_error(&usage, near ? "unknown form '%s'; did you mean %s?" : "unknown form '%s'", word,
                   near);
  return -1;
}

static int profile_of(const char *word) {
  for (int i = 0; i < WEIR_PROFILES; i++)
    if (!strcmp(word, weir_profile_names[i])) return i;
  weir_usage_error(&usage, "there is no profile '%s', only block, mutex, goroutine and leak", word);
  return -1;
}

// --- the work ----------------------------------------------------------------------------------

static int write_form(enum form form, struct weir_trace_export *e, int profile) {
  switch (form) {
  case SUMMARY:
    return weir_trace_summary(e);
  case PERFETTO:
    return weir_trace_perfetto(e);
  case PPROF:
    return weir_trace_pprof(e, (enum weir_profile)profile);
  default:
    return weir_trace_list(e);
  }
}

static int export(enum form form, struct weir_trace *t, int profile) {
  static struct weir_trace_out out;
  bool standard = !output || !strcmp(output, "-");
  int fd = standard ? STDOUT_FILENO : open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  int error = fd < 0 ? errno : 0;
  if (!error) {
    struct weir_trace_export e = {t, weir_trace_names_new(t), &out, part, NULL};
    if (isatty(STDERR_FILENO) && !isatty(fd)) e.progress = progress;
    weir_out_open(&out, fd);
    error = write_form(form, &e, profile);
    if (e.progress) fprintf(stderr, "\r%30s\r", "");
    weir_trace_names_free(e.names);
  }
  if (fd >= 0 && !standard && close(fd) && !error) error = errno;
  if (!error) return WEIR_EXIT_CLEAN;
  fprintf(stderr, "weir trace: cannot write %s: %s\n", standard ? "standard output" : output,
          strerror(error));
  return WEIR_EXIT_FAILED;
}

int weir_verb_trace(int argc, char **argv) {
  const char *words[2], *why;
  int n = parse(argc, argv, words);
  if (n == WEIR_OPTIONS_HELP) return WEIR_EXIT_CLEAN;
  if (n == WEIR_OPTIONS_BAD) return WEIR_EXIT_USAGE;
  if (n == 0) return weir_usage_error(&usage, "say summary, perfetto, pprof or list, and a file");
  int form = form_of(words[0]), profile = wanted_profile ? profile_of(wanted_profile) : 0;
  if (form < 0 || profile < 0) return WEIR_EXIT_USAGE;
  if (part.to && part.to <= part.from) return weir_usage_error(&usage, "--to is before --from");
  if (n == 1) return weir_usage_error(&usage, "which file?");
  if (form == PPROF && !output && isatty(STDOUT_FILENO))
    return weir_usage_error(&usage, "a profile is no text: give --output=FILE");
  struct weir_trace *t = weir_trace_open(words[1], &why);
  if (!t) {
    fprintf(stderr, "weir trace: %s: %s\n", words[1], why);
    return WEIR_EXIT_FAILED;
  }
  int status = export((enum form)form, t, profile);
  weir_trace_close(t);
  return status;
}
