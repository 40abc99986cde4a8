// SPDX-License-Identifier: Apache-2.0
//
// What is known of the files that are loaded: the program and its libraries.
#ifndef WEIR_OS_LOADED_H
#define WEIR_OS_LOADED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes of thread-local memory that a thread has below its pointer, at most.
size_t weir_loaded_thread_local(void);

// Each part of the variables of the library that `code` lies in; nothing for the program's own.
void weir_loaded_each_variables(const void *code, void (*each)(uintptr_t low, uintptr_t high));

// The variables of the library that the one at this address belongs to; false where it is the
// program's own.
bool weir_loaded_variables(const void *address, uintptr_t *low, uintptr_t *high);

#endif
