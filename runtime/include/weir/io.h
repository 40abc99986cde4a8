// SPDX-License-Identifier: Apache-2.0
//
// I/O that parks the goroutine rather than its thread: sockets, pipes, terminals, eventfds,
// whatever epoll takes. Results and errno are those of the system call of the same name, except
// that EINTR is never one. Any goroutine or OS thread may call (a foreign thread blocks in
// poll(2)), several on one descriptor; who waits longest is next.
//
// Make descriptors non-blocking (weir_accept and weir_connect do so with theirs). One that blocks
// is left alone and works too, a little slower, as long as nobody else takes what it was ready for.
// Regular files cannot be waited for: they are read and written at once, on the calling thread; use
// weir_blocking where that may take long.
//
// Happens-before: who waited for a descriptor -> weir_close_fd of it -> the return of the waits it
// ends. Nothing else here makes an edge; what the data goes through (a pipe, a socket) does.
#ifndef WEIR_IO_H
#define WEIR_IO_H

#include <stdint.h>
#include <sys/types.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

// <sys/socket.h> is left to who needs it, so that a program may have a function called listen, send
// or connect of its own. Its socklen_t is unsigned here.
struct sockaddr;

// Waits until fd is ready for any of `events` (POLLIN, POLLOUT), has failed or was hung up, or
// until ns have passed (negative: no limit) or its deadline. Returns 1 when ready, 0 when it was
// too late, -1 and errno. It may be ready for a moment only: try, and wait again on EAGAIN.
WEIR_API int weir_wait_fd(int fd, int events, int64_t ns);

WEIR_API ssize_t weir_read(int fd, void *buf, size_t n);

// Writes all n bytes. Fewer, with errno set, when an error or the deadline came after some were
// written; -1 and errno when none were.
WEIR_API ssize_t weir_write(int fd, const void *buf, size_t n);

// Takes the next connection; its descriptor is non-blocking and close-on-exec. A connection that
// was given up meanwhile is passed over. EMFILE, ENFILE and ENOMEM are returned at once and leave
// the connection in the queue: sleep, or close something, before you try again.
WEIR_API int weir_accept(int fd, struct sockaddr *addr, unsigned *len);

WEIR_API int weir_connect(int fd, const struct sockaddr *addr, unsigned len);

// From `when` (a moment of weir_now) on, reading (events POLLIN: read, accept), writing (POLLOUT:
// write, connect) or both fail with ETIMEDOUT, also calls that wait already and calls that need not
// wait. INT64_MAX: no deadline. It stays until the next call, or weir_close_fd; a descriptor closed
// by close(2) leaves it to the next one of its number, unless that comes from weir_accept. A
// foreign thread that waits already keeps the deadline it began with. 0, or -1 and EBADF.
WEIR_API int weir_set_deadline(int fd, int events, int64_t when);

// close(2), which first ends every goroutine's wait for fd with EBADF. (After a plain close they
// would wait for ever.) It does not wake foreign threads, and does not stop a system call that is
// under way: as ever, who closes must know that nobody takes the number for another file.
WEIR_API int weir_close_fd(int fd);

#ifdef __cplusplus
}
#endif
#endif
