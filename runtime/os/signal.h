// SPDX-License-Identifier: Apache-2.0
//
// Signal handlers of the runtime. Set by the raw system call: a race detector would
// defer them until the thread next calls an intercepted function, which a parked one never does.
#ifndef WEIR_OS_SIGNAL_H
#define WEIR_OS_SIGNAL_H

// Sets handler for sig unless the program has set one or ignores it.
void weir_signal_if_default(int sig, void (*handler)(int sig));

#endif
