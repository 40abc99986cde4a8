// SPDX-License-Identifier: Apache-2.0
//
// I/O that parks the goroutine rather than its thread. The descriptor must be
// non-blocking; weir_accept and weir_connect make theirs so. Results and errno
// are those of the system call of the same name. From a foreign thread the
// calls block in poll(2). Any goroutine may call; one reader and one writer at a
// time for each descriptor.
#ifndef WEIR_IO_H
#define WEIR_IO_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

// Waits until fd is ready for any of `events` (POLLIN, POLLOUT) or until ns have
// passed (negative: no limit). Returns 1 when ready, 0 on timeout, -1 and errno.
WEIR_API int weir_wait_fd(int fd, int events, int64_t ns);
WEIR_API ssize_t weir_read(int fd, void *buf, size_t n);
WEIR_API ssize_t weir_write(int fd, const void *buf, size_t n); // all n, or -1
WEIR_API int weir_accept(int fd, struct sockaddr *addr, socklen_t *len);
WEIR_API int weir_connect(int fd, const struct sockaddr *addr, socklen_t len);

#ifdef __cplusplus
}
#endif
#endif
