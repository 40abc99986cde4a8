// SPDX-License-Identifier: Apache-2.0
//
// OS threads: make one, name the calling one, count and look at those of the process,
// and the one thread-local word of the runtime.
#ifndef WEIR_OS_THREAD_H
#define WEIR_OS_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void weir_thread_fn(void *arg);

int weir_thread_start(weir_thread_fn *fn, void *arg, const char *name); // 0 or -errno; detached
uint64_t weir_thread_mask(void); // the signals that such a thread blocks, bit 0 for signal 1
int weir_thread_id(void);        // the kernel's
bool weir_thread_is_main(void);
int weir_cpu_count(void);             // that this process may use
void *weir_thread_stack_high(void);   // end of the calling thread's stack
size_t weir_thread_stack(void **low); // its size and where it begins; 0: not known
int64_t weir_thread_cpu_ns(int tid);  // processor time that it has used; -1: gone
char weir_thread_run_state(int tid);  // 'R', 'S', 'D' ... or 0 if gone
// The system call that it sleeps in, by its name where that is a usual one, else its number in
// decimal; "": it is in none, or that cannot be told. out: of at least 24 bytes.
void weir_thread_call(int tid, char *out);

// Calls fn for the kernel id of every thread of this process; `all_blocked` tells that it
// blocks all signals, as a sanitizer's own background thread does. -1: unreadable.
int weir_thread_each(void (*fn)(int tid, bool all_blocked, void *arg), void *arg);

// Whether a thread would take this signal now. BUSY: it will soon, as it blocks what only the
// runtime blocks, and only for a moment.
enum weir_thread_signal {
  WEIR_THREAD_TAKES,
  WEIR_THREAD_BUSY,
  WEIR_THREAD_BLOCKS,
  WEIR_THREAD_GONE,
};
enum weir_thread_signal weir_thread_takes(int tid, int sig);

// Of a thread that sleeps in a system call: the stack pointer it has there, and how often it has
// gone to sleep so far; as long as it sleeps and that is the same, it has not run. False: it runs.
bool weir_thread_asleep(int tid, uintptr_t *sp, uint64_t *times);

// Of a thread made by weir_thread_start: the frame that all of its own work lies below, and nothing
// of the program's but thread-local memory above. NULL: of any other thread.
void *weir_thread_base(int tid);

// A race detector starts a thread of its own together with the program's first. Makes it do so and
// notes which one it is; from the constructor, while there is no other.
void weir_thread_note_hidden(void);
void weir_thread_forget_hidden(void); // in a forked child, which has another one
// Whether it is that one; where that is not known, whether it looks like it.
int weir_thread_hidden(void); // its id; 0: not known
bool weir_thread_is_hidden(int tid, bool all_blocked);

int weir_errno_get(void); // never inlined: errno moves with the thread
void weir_errno_set(int value);

// The runtime's thread-local word. Read by hand, because a compiler may keep the
// address of a thread-local across a switch to another thread.
extern _Thread_local void *weir_tls
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
static inline void *weir_tls_get(void) {
  void *value;
  __asm__ volatile("movq weir_tls@gottpoff(%%rip), %0\n\tmovq %%fs:(%0), %0" : "=r"(value));
  return value;
}
// Beside it, for calls that are compiled into the program (weir/inline.h): where the current
// goroutine of this thread's worker is found; NULL: they are to ask the library.
extern _Thread_local void *weir_self_at_
    __attribute__((tls_model("initial-exec"), visibility("default")));
static inline void weir_tls_set(void *value) {
  void *scratch;
  __asm__ volatile("movq weir_tls@gottpoff(%%rip), %0\n\tmovq %1, %%fs:(%0)"
                   : "=&r"(scratch)
                   : "r"(value)
                   : "memory");
}

#endif
