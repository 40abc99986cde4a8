// SPDX-License-Identifier: Apache-2.0
//
// raise, pthread_sigmask and sigprocmask of the program are the runtime's: see raise.c.
#ifndef WEIR_OS_RAISE_H
#define WEIR_OS_RAISE_H

// Notes what the program begins with; from the constructor.
void weir_raise_start(void);

#endif
