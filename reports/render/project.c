// SPDX-License-Identifier: Apache-2.0
//
// Paths are compared as text, after "." and ".." have been resolved in them: the files may not
// exist on the machine that renders.
#include "render/project.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];

// In place; the path is absolute.
static void resolve_dots(char *path) {
  char *out = path;
  for (const char *in = path; *in;) {
    size_t n = strcspn(in + 1, "/") + 1;
    if (n == 3 && !strncmp(in, "/..", 3)) {
      while (out > path && *--out != '/')
        continue;
    } else if (n > 1 && !(n == 2 && in[1] == '.')) {
      memmove(out, in, n);
      out += n;
    }
    in += n;
  }
  *out = 0;
}

static bool has_git(const char *folder) {
  char git[PATH_MAX + 8];
  struct stat st;
  snprintf(git, sizeof git, "%s/.git", folder);
  return stat(git, &st) == 0;
}

static bool take(const char *given, const char *cwd) {
  bool absolute = *given == '/';
  int n = snprintf(root, sizeof root, "%s/%s", absolute ? "" : cwd, given + absolute);
  if (n >= (int)sizeof root) return false;
  resolve_dots(root);
  return true;
}

bool weir_project_open(const char *given) {
  char here[PATH_MAX];
  if (!getcwd(root, sizeof root)) strcpy(root, "/");
  strcpy(here, root);
  if (given) return take(given, here);
  while (*here && !has_git(here))
    *strrchr(here, '/') = 0;
  if (*here) strcpy(root, here);
  return true;
}

const char *weir_project_root(void) {
  return strcmp(root, "/") ? root : "";
}

const char *weir_project_path(struct weir_arena *a, const char *file, const char *cwd) {
  char *path = *file == '/' ? weir_arena_copy(a, file, strlen(file))
                            : weir_arena_printf(a, "%s/%s", cwd, file);
  const char *base = weir_project_root();
  size_t n = strlen(base);
  if (*path != '/') return file;
  resolve_dots(path);
  return strncmp(path, base, n) || path[n] != '/' ? NULL : path + n + 1;
}

const char *weir_project_uri(struct weir_arena *a, const char *path) {
  static const char plain[] = "-._~/!$&'()*+,;=@"
                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  struct weir_buf b = {0};
  for (const char *c = path; *c; c++)
    if (strchr(plain, *c))
      weir_buf_addn(&b, c, 1);
    else
      weir_buf_printf(&b, "%%%02X", (unsigned char)*c);
  const char *uri = weir_arena_copy(a, b.data ? b.data : "", b.len);
  weir_buf_free(&b);
  return uri;
}
