// SPDX-License-Identifier: Apache-2.0
//
// A file that is written by storing into memory, so that what was stored survives the process
// however it ends. Its blocks are taken from the disk before they are stored into: where there are
// none left, that is an error here and no SIGBUS there. Raw system calls; results are 0 (or a
// descriptor) or -errno.
#ifndef WEIR_OS_FILE_H
#define WEIR_OS_FILE_H

#include <stddef.h>
#include <stdint.h>

// A new file: a regular one of that name is unlinked first, so who has it mapped keeps it; anything
// else is left alone (-EEXIST).
int weir_file_create(const char *path);
// Makes it at least n bytes long, all of which may be stored into.
int weir_file_grow(int fd, size_t n);
// Maps `size` bytes of it, of which those that are there may be touched. NULL: no.
void *weir_file_map(int fd, size_t size);

#endif
