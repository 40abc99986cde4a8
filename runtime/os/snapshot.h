// SPDX-License-Identifier: Apache-2.0
//
// A copy of the process as it stands, in a child that looks at it while the process goes on. The
// child has all private memory at the addresses it had (the kernel copies a page when either
// side writes to it) and the descriptors, which are shared, so that a file which is closed
// meanwhile is closed. It has no other thread, and whatever lock another one held stays held: it
// may use raw system calls and what is pure. No handler of pthread_atfork runs, no wait() of the
// program's sees it, and it dies with the thread that made it.
#ifndef WEIR_OS_SNAPSHOT_H
#define WEIR_OS_SNAPSHOT_H

#include <stdatomic.h>
#include <stdint.h>

// Starts a child in which fn(arg) runs, on a copy of the caller's stack; when it returns, *done
// (0, in memory that is shared) becomes 1. The child's id, or -errno: memory, limits or a filter of
// system calls do not permit it. The caller blocks all signals.
int weir_snapshot_start(void (*fn)(void *arg), void *arg, _Atomic uint32_t *done);

// Waits until the child has ended, and not longer than ns: then it is killed. 0: *done is 1;
// -ETIMEDOUT; -ECHILD: it was killed or has crashed.
int weir_snapshot_wait(int child, _Atomic uint32_t *done, int64_t ns);
// The same without waiting; -EAGAIN: it has not ended.
int weir_snapshot_ended(int child, _Atomic uint32_t *done);
void weir_snapshot_kill(int child);

// Leaves the pages of [low, high) out of the copies made until `leave` is false.
void weir_snapshot_leave_out(uintptr_t low, uintptr_t high, int leave);

#endif
