// SPDX-License-Identifier: Apache-2.0
//
// The few files and sockets that reports travel through. Raw system calls: usable while a race
// detector holds its locks, errno untouched. Results: 0 (or a descriptor, or a count) or -errno.
// Every descriptor is close-on-exec.
#ifndef WEIR_OS_IO_H
#define WEIR_OS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int weir_io_open_append(const char *path);
int weir_io_write(int fd, const void *data, size_t n); // all of it; no SIGPIPE
int weir_io_send(int fd, const void *data, size_t n);  // all of it; no SIGPIPE
long weir_io_read_at(int fd, void *buf, size_t n, int64_t offset);
long weir_io_read_file(const char *path, char *buf, size_t n); // at most n bytes
long weir_io_read_link(const char *path, char *buf, size_t n); // 0-terminated
long weir_io_cwd(char *buf, size_t n);                         // 0-terminated
bool weir_io_executable(const char *path);                     // a file that may be run
bool weir_io_readable(const char *path);                       // no folder, and may be read
void weir_io_close(int fd);
int weir_io_memory_file(const char *name);
void weir_io_truncate(int fd); // to nothing, offset too
// A connected pair; ours is moved to a high number, out of the way of programs that close or
// reuse all low ones.
int weir_io_pair(int *ours, int *theirs);
// The next line, without its end and 0-terminated; one that does not fit is cut off. Its length,
// -ETIMEDOUT, or -EPIPE when the other side has closed its end.
long weir_io_receive_line(int fd, char *line, size_t size, int64_t ns);
// Says that nothing more comes and waits until the other side has closed its end: how many
// bytes came meanwhile, or -ETIMEDOUT.
long weir_io_finish(int fd, int64_t ns);
uint64_t weir_io_identity(int fd); // the same number: the same open object; 0: none

_Noreturn void weir_io_exit(int status); // at once: no interceptor changes the status
int weir_io_pid(void);
int64_t weir_io_wall_ns(void); // since 1970

// All signals off for the calling thread, and back to what they were.
struct weir_io_signals {
  uint64_t old;
};
void weir_io_signals_block(struct weir_io_signals *s);
void weir_io_signals_restore(const struct weir_io_signals *s);

#endif
