// SPDX-License-Identifier: Apache-2.0
//
// file.h on Linux.
#define _GNU_SOURCE
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/rawcall.h"
#include "os/regions.h"

int weir_file_create(const char *path) {
  struct stat s;
  if (weir_raw(SYS_lstat, path, &s) == 0) {
    if (!S_ISREG(s.st_mode)) return -EEXIST;
    long err = weir_raw(SYS_unlink, path);
    if (err) return (int)err;
  }
  return (int)weir_raw(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
}

// For file systems that cannot reserve blocks: zeros are written.
static int fill(int fd, size_t from, size_t to) {
  static const char zeros[4096];
  while (from < to) {
    size_t n = to - from < sizeof zeros ? to - from : sizeof zeros;
    long put = weir_raw(SYS_pwrite64, fd, zeros, n, from);
    if (put == -EINTR) continue;
    if (put <= 0) return put ? (int)put : -EIO;
    from += (size_t)put;
  }
  return 0;
}

// The kernel would send SIGXFSZ.
static bool is_allowed(size_t n) {
  struct rlimit limit;
  if (weir_raw(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit) != 0) return true;
  return limit.rlim_cur == RLIM_INFINITY || n <= limit.rlim_cur;
}

int weir_file_grow(int fd, size_t n) {
  struct stat s;
  if (!is_allowed(n)) return -EFBIG;
  long err = weir_raw(SYS_fstat, fd, &s);
  if (err) return (int)err;
  size_t have = (size_t)s.st_size;
  if (have >= n) return 0;
  do
    err = weir_raw(SYS_fallocate, fd, 0, have, n - have);
  while (err == -EINTR);
  return err == -EOPNOTSUPP || err == -ENOSYS ? fill(fd, have, n) : (int)err;
}

void *weir_file_map(int fd, size_t size) {
  void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (p == MAP_FAILED) return NULL;
  uintptr_t low = (uintptr_t)p;
  weir_region_add(&(struct weir_mem_region){low, low + size, size, WEIR_MEM_OWN});
  return p;
}
