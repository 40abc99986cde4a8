// SPDX-License-Identifier: Apache-2.0
//
// Starts another program from inside a process in an unknown state: no fork handlers, no
// allocator, no signal to the parent. The program started is no child of ours, so neither
// wait() nor SIGCHLD of the process around us ever sees it.
#ifndef WEIR_OS_SPAWN_H
#define WEIR_OS_SPAWN_H

// Runs path with the given descriptors as standard input and output, standard error
// inherited, and no other descriptor. Returns 0, or -errno when it could not be started.
// One caller at a time. All signals of the caller must be blocked.
int weir_spawn(const char *path, char *const argv[], char *const envp[], int in_fd, int out_fd);

#endif
