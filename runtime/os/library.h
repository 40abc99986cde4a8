// SPDX-License-Identifier: Apache-2.0
//
// The shared library that the runtime is in, or the program itself.
#ifndef WEIR_OS_LIBRARY_H
#define WEIR_OS_LIBRARY_H

// From here on dlclose does not unmap the code of the runtime: its threads never end, and
// goroutines lie on its stacks. In a program that is linked with the runtime: nothing.
void weir_library_keep(void);

#endif
