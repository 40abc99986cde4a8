// SPDX-License-Identifier: Apache-2.0
//
// Diagnosis: look at the goroutines, and tell the detectors what is intended.
// Any goroutine or OS thread may call; none makes a happens-before edge.
#ifndef WEIR_DIAG_H
#define WEIR_DIAG_H

#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

// Writes every goroutine with its state and stack to fd, in Go's form. SIGQUIT
// does the same to standard error and ends the program with status 2. Threads that run
// goroutines are interrupted for a moment, so that those have a stack, too: a system call that does
// not restart (poll, nanosleep) returns EINTR there.
WEIR_API void weir_dump(int fd);

// This goroutine may stay blocked for ever (a daemon): it is no leak and not
// stuck.
WEIR_API void weir_expect_blocked(void);

// Proves goroutine leaks: looks through all memory that the program can reach for a way to
// whatever could wake each blocked goroutine. Returns the number of goroutines that have none,
// which will be blocked for ever; each is also reported, once, as goroutine-leak. All other
// threads stand still for about a millisecond; of a large program a copy is made, in a child that
// looks through it (some 30 ms for each GiB, and 2 s until the answer is there, which is
// about that moment). A system call that does not restart (poll, nanosleep) returns EINTR to
// whoever was in it.
// -1 and errno, and only who waits on a nil channel is reported: ENOTSUP, the program carries a
// sanitizer that hides its memory; EAGAIN, a thread could not be stopped; EPERM, a thread blocks
// signal 61 and does not sleep; EBUSY, the program has a handler for it; ENOMEM; EFBIG, there is
// too much memory to look at.
WEIR_API long weir_leak_check(void);

// The same check, but returns how many of those that it proves leaked carry the label (weir/go.h;
// value NULL: one of that key, whatever it is). So tests that run at the same time count their own:
// each runs in a goroutine with a label, which all that it starts inherit. What is found is
// reported, once, whosever it is. EINVAL: key is NULL.
WEIR_API long weir_leak_check_label(const char *key, const char *value);

// Options compiled into the program, in the form of WEIR_OPTIONS, which has
// precedence. Define it in the program; the runtime's own returns "".
WEIR_API const char *weir_default_options(void);

// Suppressions compiled into the program: the lines of a suppressions file, at most
// 100,000 bytes. Define it in the program; the runtime's own returns "". It is called
// before main, and what it returns must stay.
WEIR_API const char *weir_default_suppressions(void);

#ifdef __cplusplus
}
#endif
#endif
