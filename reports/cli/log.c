// SPDX-License-Identifier: Apache-2.0
//
// log.h. Process ids come round again, so a file counts as this run's only if it was
// written since the run began, by the coarse clock that file times are taken from.
#include "cli/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/file.h"

static void folder_of(const char *path, char folder[PATH_MAX]) {
  snprintf(folder, PATH_MAX, "%s", path);
  char *slash = strrchr(folder, '/');
  if (!slash)
    strcpy(folder, ".");
  else
    slash[slash == folder] = 0;
}

static int try_to_write(const char *folder) {
  char probe[PATH_MAX];
  if (mkdir(folder, 0777) != 0 && errno != EEXIST) return -errno;
  if (snprintf(probe, sizeof probe, "%s/.probe-XXXXXX", folder) >= PATH_MAX) return -ENAMETOOLONG;
  int fd = mkstemp(probe);
  if (fd < 0) return -errno;
  close(fd);
  unlink(probe);
  return 0;
}

bool weir_log_open(struct weir_log *log, const char *verb, const char *prefix) {
  char folder[PATH_MAX];
  snprintf(log->prefix, sizeof log->prefix, "%s", prefix);
  folder_of(prefix, folder);
  int error = try_to_write(folder);
  if (error) {
    fprintf(stderr, "weir %s: cannot keep findings in %s: %s\n", verb, folder, strerror(-error));
    return false;
  }
  clock_gettime(CLOCK_REALTIME_COARSE, &log->since);
  return true;
}

// `end`: what the name has behind the process id.
static bool ours(const struct weir_log *log, const char *path, const char *end) {
  const char *pid = path + strlen(log->prefix) + 1;
  struct stat st;
  if (strcmp(pid + strspn(pid, "0123456789"), end) || stat(path, &st) != 0) return false;
  return st.st_mtim.tv_sec > log->since.tv_sec ||
         (st.st_mtim.tv_sec == log->since.tv_sec && st.st_mtim.tv_nsec >= log->since.tv_nsec);
}

static void count_suppressed(struct weir_log_sum *sum, const char *by) {
  sum->suppressed++;
  if (!sum->suppressed_by) sum->suppressed_by = json_object();
  json_int_t n = json_integer_value(json_object_get(sum->suppressed_by, by));
  json_object_set_new(sum->suppressed_by, by, json_integer(n + 1));
}

static bool is(const json_t *record, const char *key, const char *value) {
  const char *have = json_string_value(json_object_get(record, key));
  return have && strcmp(have, value) == 0;
}

// A line that cannot be parsed still counts: something was found there.
static void count_line(const char *line, struct weir_log_sum *sum) {
  if (!line[strspn(line, " \t\r\n")]) return;
  json_t *record = json_loads(line, 0, NULL);
  const char *by = json_string_value(json_object_get(record, "suppressed"));
  if (by)
    count_suppressed(sum, by);
  else if (!is(record, "id", "goroutine-dump") && !is(record, "schema", "weir.seen/1"))
    sum->findings++;
  json_decref(record);
}

// Counts the findings of one file, and copies it to `to` where that is given.
static bool count(const char *path, FILE *to, struct weir_log_sum *sum) {
  FILE *in = fopen(path, "r");
  if (!in) return false;
  char *line = NULL;
  size_t size = 0;
  bool good = true;
  while (getline(&line, &size, in) > 0) {
    count_line(line, sum);
    if (to && fputs(line, to) < 0) good = false;
  }
  good = good && !ferror(in);
  free(line);
  fclose(in);
  if (!sum->files++) snprintf(sum->first, sizeof sum->first, "%s", path);
  return good;
}

// The prefix may hold characters that glob takes for patterns.
static void pattern_of(const char *prefix, char pattern[2 * PATH_MAX]) {
  for (; *prefix; prefix++) {
    if (strchr("*?[\\", *prefix)) *pattern++ = '\\';
    *pattern++ = *prefix;
  }
  strcpy(pattern, ".*");
}

int weir_log_recorders(const struct weir_log *log, pid_t exited, char first[PATH_MAX]) {
  char pattern[2 * PATH_MAX];
  int kept = 0;
  pattern_of(log->prefix, pattern);
  glob_t found = {0};
  if (glob(pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; i++) {
      const char *path = found.gl_pathv[i];
      if (!ours(log, path, strstr(WEIR_LOG_RECORDER, ".trace"))) continue;
      if (atol(path + strlen(log->prefix) + 1) == exited || weir_trace_has_ended(path))
        unlink(path);
      else if (!kept++)
        snprintf(first, PATH_MAX, "%s", path);
    }
  }
  globfree(&found);
  return kept;
}

bool weir_log_close(const struct weir_log *log, const char *verb, const char *keep,
                    struct weir_log_sum *sum) {
  memset(sum, 0, sizeof *sum);
  FILE *to = keep ? fopen(keep, "w") : NULL;
  bool good = !keep || to;
  char pattern[2 * PATH_MAX];
  pattern_of(log->prefix, pattern);
  glob_t found = {0};
  if (glob(pattern, 0, NULL, &found) == 0) {
    for (size_t i = 0; good && i < found.gl_pathc; i++) {
      if (!ours(log, found.gl_pathv[i], "")) continue;
      good = count(found.gl_pathv[i], to, sum);
      if (good && to) unlink(found.gl_pathv[i]);
    }
  }
  globfree(&found);
  if (to && fclose(to) != 0) good = false;
  if (keep) snprintf(sum->first, sizeof sum->first, "%s", keep);
  if (!good)
    fprintf(stderr, "weir %s: cannot keep findings in %s: %s\n", verb, keep ? keep : log->prefix,
            strerror(errno));
  return good;
}
