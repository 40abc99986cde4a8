// SPDX-License-Identifier: Apache-2.0
//
// A small list of files already read, each with the offsets of its lines. Relative
// names are looked for from where the reporter runs. Files over 16 MiB are left alone.
#include "render/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SIZE_MAX_READ = 16 << 20, TAB = 4 };

struct source {
  struct source *next;
  char *file, *data; // data NULL: unreadable
  size_t *starts, line_count;
};

static struct source *sources;

static bool has_source_name(const char *file) {
  static const char *const endings[] = {".c",   ".h",   ".cc",  ".hh", ".cpp",
                                        ".hpp", ".cxx", ".inc", ".def"};
  const char *dot = strrchr(file, '.');
  for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
    if (!strcmp(dot, endings[i])) return true;
  return false;
}

static char *read_file(const char *file, size_t *size) {
  struct stat st;
  int fd = has_source_name(file) ? open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
  if (fd < 0) return NULL;
  char *data = NULL;
  if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= SIZE_MAX_READ) {
    data = weir_xmalloc((size_t)st.st_size + 1);
    ssize_t n = read(fd, data, (size_t)st.st_size);
    *size = n > 0 ? (size_t)n : 0;
    data[*size] = 0;
  }
  close(fd);
  return data;
}

static void find_lines(struct source *s, size_t size) {
  size_t n = 1;
  for (size_t i = 0; i < size; i++)
    n += s->data[i] == '\n';
  s->starts = weir_xmalloc((n + 1) * sizeof *s->starts);
  s->starts[s->line_count++] = 0;
  for (size_t i = 0; i < size; i++)
    if (s->data[i] == '\n') s->starts[s->line_count++] = i + 1;
  s->starts[s->line_count] = size + 1; // as if a newline ended the file
}

static struct source *source_of(const char *file) {
  for (struct source *s = sources; s; s = s->next)
    if (!strcmp(s->file, file)) return s;
  size_t size = 0;
  struct source *s = weir_xmalloc(sizeof *s);
  *s = (struct source){.next = sources, .file = weir_xstrdup(file)};
  s->data = read_file(file, &size);
  if (s->data) find_lines(s, size);
  return sources = s;
}

static char *expand(const char *line, size_t n, int *column) {
  struct weir_buf tabs = {0}, safe = {0};
  int wanted = column ? *column : 0;
  for (size_t i = 0; i < n; i++) {
    if ((int)i + 1 == wanted) *column = (int)tabs.len + 1;
    if (line[i] == '\t')
      weir_buf_fill(&tabs, ' ', TAB - tabs.len % TAB);
    else
      weir_buf_addn(&tabs, line + i, 1);
  }
  weir_buf_add_safe(&safe, tabs.data ? tabs.data : "", tabs.len);
  weir_buf_free(&tabs);
  return safe.data ? safe.data : weir_xstrdup("");
}

char *weir_source_line(const char *file, int line, int *column) {
  struct source *s = *file && line > 0 ? source_of(file) : NULL;
  if (!s || !s->data || (size_t)line > s->line_count) return NULL;
  size_t start = s->starts[line - 1], end = s->starts[line] - 1;
  while (end > start && (s->data[end - 1] == '\r' || s->data[end - 1] == ' '))
    end--;
  return expand(s->data + start, end - start, column);
}

static void styled(struct weir_buf *out, bool color, const char *style, const char *s) {
  if (color)
    weir_buf_printf(out, "\033[%sm%s\033[0m", style, s);
  else
    weir_buf_add(out, s);
}

void weir_source_excerpt(const struct weir_frame *frame, const char *indent, bool color,
                         struct weir_buf *out) {
  int column = frame->column;
  char *line = weir_source_line(frame->file, frame->line, &column);
  if (!line) return;
  weir_buf_printf(out, "%s%5d |  ", indent, frame->line);
  styled(out, color, "33", line); // yellow
  weir_buf_add(out, "\n");
  if (column > 1 && (size_t)column <= strlen(line)) {
    weir_buf_printf(out, "%s      |  ", indent);
    weir_buf_fill(out, ' ', (size_t)column - 1);
    styled(out, color, "1;31", "^"); // red
    weir_buf_add(out, "\n");
  }
  free(line);
}

void weir_source_free(void) {
  while (sources) {
    struct source *next = sources->next;
    free(sources->file);
    free(sources->data);
    free(sources->starts);
    free(sources);
    sources = next;
  }
}
