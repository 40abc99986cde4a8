// SPDX-License-Identifier: Apache-2.0
//
// maps.h, from /proc/self: maps and smaps, statm, fd with fdinfo, timers. Files are read piece by
// piece and cut into lines; no line of these is longer than the buffer, but a mapping's path, whose
// rest is skipped.
#define _GNU_SOURCE
#include "os/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "os/rawcall.h"

// --- lines -------------------------------------------------------------------------------------

struct lines {
  int fd;
  char *buf;
  size_t size, at, end; // unread: [at, end)
  bool eof, failed;
};

static void refill(struct lines *l) {
  for (size_t i = l->at; i < l->end; i++)
    l->buf[i - l->at] = l->buf[i];
  l->end -= l->at;
  l->at = 0;
  long n;
  while ((n = weir_raw(SYS_read, l->fd, l->buf + l->end, l->size - l->end)) == -EINTR)
    ;
  if (n <= 0) l->eof = true;
  if (n < 0) l->failed = true;
  if (n > 0) l->end += (size_t)n;
}

// The next line, with a 0 in place of its end; NULL: no more. A long one comes in pieces.
static char *next_line(struct lines *l) {
  for (size_t scan = l->at;;) {
    for (; scan < l->end; scan++)
      if (l->buf[scan] == '\n') break;
    bool full = l->at == 0 && l->end == l->size;
    if (scan < l->end || (l->eof && l->at < l->end) || full) {
      char *line = l->buf + l->at;
      if (scan == l->size) scan--;
      l->buf[scan] = 0;
      l->at = scan + 1 < l->end ? scan + 1 : l->end;
      return line;
    }
    if (l->eof) return NULL;
    scan -= l->at;
    refill(l);
  }
}

static bool open_lines(struct lines *l, const char *path, char *buf, size_t size) {
  *l = (struct lines){.buf = buf, .size = size};
  l->fd = (int)weir_raw(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  return l->fd >= 0;
}

static uint64_t hex(const char **s) {
  uint64_t n = 0;
  for (;; ++*s) {
    char c = **s;
    int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return n;
    n = n * 16 + (uint64_t)digit;
  }
}

static bool starts(const char *s, const char *with) {
  while (*with && *s == *with)
    s++, with++;
  return !*with;
}

static const char *find(const char *s, const char *what) {
  for (; *s; s++)
    if (starts(s, what)) return s;
  return NULL;
}

// --- mappings ----------------------------------------------------------------------------------

// "low-high rwxp offset major:minor inode   path"
static bool parse(const char *s, struct weir_map_line *m) {
  *m = (struct weir_map_line){0};
  m->low = hex(&s);
  if (*s++ != '-') return false;
  m->high = hex(&s);
  if (*s++ != ' ') return false;
  m->readable = s[0] == 'r';
  m->writable = s[1] == 'w';
  m->shared = s[3] == 's';
  for (int words = 0; words < 4; words++) { // to behind the inode
    while (*s && *s != ' ')
      s++;
    while (*s == ' ')
      s++;
  }
  m->heap = starts(s, "[heap]");
  m->stack = starts(s, "[stack]");
  m->file = *s == '/';
  m->other = *s == '[' && !m->heap && !m->stack && !starts(s, "[anon");
  return true;
}

bool weir_maps_each(char *buf, size_t size, void (*fn)(const struct weir_map_line *line, void *arg),
                    void *arg) {
  struct lines l;
  if (!open_lines(&l, "/proc/self/maps", buf, size)) return false;
  for (const char *line; (line = next_line(&l));) {
    struct weir_map_line m;
    if (parse(line, &m)) fn(&m, arg);
  }
  weir_raw(SYS_close, l.fd);
  return !l.failed;
}

// A child does not have what was advised MADV_DONTFORK, and finds nothing in what was advised
// MADV_WIPEONFORK: "VmFlags: ... wf".
bool weir_maps_each_inherited(char *buf, size_t size,
                              void (*fn)(const struct weir_map_line *line, bool wiped, void *arg),
                              void *arg) {
  struct lines l;
  struct weir_map_line m = {0}, next;
  if (!open_lines(&l, "/proc/self/smaps", buf, size)) return false;
  for (const char *line; (line = next_line(&l));)
    if (starts(line, "VmFlags:"))
      fn(&m, find(line, " wf") != NULL, arg);
    else if (parse(line, &next))
      m = next;
  weir_raw(SYS_close, l.fd);
  return !l.failed;
}

size_t weir_maps_resident(void) {
  char text[256];
  struct lines l;
  size_t page[3] = {0}; // total, resident, shared
  if (!open_lines(&l, "/proc/self/statm", text, sizeof text)) return 0;
  const char *at = next_line(&l);
  for (int i = 0; at && i < 3; i++) {
    for (; *at >= '0' && *at <= '9'; at++)
      page[i] = page[i] * 10 + (size_t)(*at - '0');
    while (*at == ' ')
      at++;
  }
  weir_raw(SYS_close, l.fd);
  return (page[1] - page[2]) * 4096;
}

bool weir_maps_copy(void *to, uintptr_t from, size_t n) {
  struct iovec mine = {to, n}, theirs = {(void *)from, n};
  long pid = weir_raw(SYS_getpid);
  return weir_raw(SYS_process_vm_readv, pid, &mine, 1, &theirs, 1) == (long)n;
}

// --- what the kernel keeps -----------------------------------------------------------------------

struct kept {
  void (*fn)(enum weir_kept what, uint64_t word, void *arg);
  void *arg;
  char *buf;
  size_t size;
};

static void append(char *path, const char *name) {
  while (*path)
    path++;
  while ((*path++ = *name++))
    ;
}

// "tfd:        5 events:       19 data: 7ffd1234  pos:0 ino:..."
static void each_epoll_data(const struct kept *k, const char *fd) {
  char path[64] = "/proc/self/fdinfo/";
  append(path, fd);
  struct lines l;
  if (!open_lines(&l, path, k->buf, k->size)) return;
  for (const char *line; (line = next_line(&l));) {
    const char *data = starts(line, "tfd:") ? find(line, "data:") : NULL;
    if (!data) continue;
    for (data += 5; *data == ' ';)
      data++;
    k->fn(WEIR_KEPT_WORD, hex(&data), k->arg);
  }
  weir_raw(SYS_close, l.fd);
}

static void look_at(const struct kept *k, const char *fd) {
  char path[64] = "/proc/self/fd/", link[64];
  append(path, fd);
  long n = weir_raw(SYS_readlinkat, AT_FDCWD, path, link, sizeof link - 1);
  link[n > 0 ? n : 0] = 0;
  if (starts(link, "anon_inode:[eventpoll]")) each_epoll_data(k, fd);
  if (starts(link, "anon_inode:[io_uring]")) k->fn(WEIR_KEPT_IO_URING, 0, k->arg);
}

static void each_descriptor(const struct kept *k) {
  _Alignas(struct weir_raw_dirent) char entries[2048];
  int dir =
      (int)weir_raw(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dir < 0) k->fn(WEIR_KEPT_UNKNOWN, 0, k->arg);
  for (long n; dir >= 0 && (n = weir_raw(SYS_getdents64, dir, entries, sizeof entries)) > 0;)
    for (long at = 0; at < n;) {
      const struct weir_raw_dirent *e = (const void *)(entries + at);
      if (e->name[0] != '.') look_at(k, e->name);
      at += e->size;
    }
  if (dir >= 0) weir_raw(SYS_close, dir);
}

// "signal: 60/00007ffd12345678", of each timer_create. The file is missing in some kernels.
static void each_timer(const struct kept *k) {
  struct lines l;
  if (!open_lines(&l, "/proc/self/timers", k->buf, k->size)) return;
  for (const char *line; (line = next_line(&l));) {
    const char *value = starts(line, "signal:") ? find(line, "/") : NULL;
    if (!value) continue;
    value++;
    k->fn(WEIR_KEPT_WORD, hex(&value), k->arg);
  }
  weir_raw(SYS_close, l.fd);
}

void weir_kept_each(char *buf, size_t size,
                    void (*fn)(enum weir_kept what, uint64_t word, void *arg), void *arg) {
  struct kept k = {fn, arg, buf, size};
  each_descriptor(&k);
  each_timer(&k);
}
