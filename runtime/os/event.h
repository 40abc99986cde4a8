// SPDX-License-Identifier: Apache-2.0
//
// epoll and eventfd by raw system calls: through the C library a race detector would take
// every wake-up for a happens-before edge between the goroutines of the program.
#ifndef WEIR_OS_EVENT_H
#define WEIR_OS_EVENT_H

#include <stdint.h>
#include <sys/epoll.h>

int weir_epoll_make(void);                                        // fd or -errno
int weir_epoll_set(int epoll_fd, int fd, struct epoll_event *ev); // re-arms or adds; 0 or -errno
void weir_epoll_remove(int epoll_fd, int fd);                     // if it is there
// ns: 0 to look only, -1 for as long as it takes. How many, or -errno.
int weir_epoll_wait(int epoll_fd, struct epoll_event *events, int max, int64_t ns);
int weir_event_make(void);   // an eventfd, or -errno
void weir_event_set(int fd); // async-signal-safe

#endif
