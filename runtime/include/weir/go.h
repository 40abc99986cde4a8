// SPDX-License-Identifier: Apache-2.0
//
// Goroutines: start, yield, end, name; and defer.
//
// Every call may be made from any goroutine or OS thread unless it says
// otherwise. `main` is goroutine 1. It runs on the main thread, except while another
// goroutine holds that thread for more than some 20 ms, in a system call or computing: then it goes
// on elsewhere, and comes back when it next waits. weir_lock_os_thread keeps it there for certain.
// The scheduler starts with the first weir_go. Needs Clang blocks: -fplugin=weir.so turns them
// on, without the plugin give -fblocks.
#ifndef WEIR_GO_H
#define WEIR_GO_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

// weir_go(fn, args...): runs fn(args...) in a new goroutine. fn has any
// signature, up to 12 arguments; fn and the arguments are evaluated now, in the
// caller, and type-checked as a call of fn. The result of fn is dropped. A compound literal as
// argument wants parentheses round it, as in any macro: ((struct point){1, 2}).
// Happens-before: the statement -> the first instruction of fn.
// Errors: out of memory is fatal, with a message.
#define weir_go(...) WEIR_CALL_LATER_(weir_go_start_, WEIR_FIRST_TEXT_(__VA_ARGS__), __VA_ARGS__)

// weir_go_stack(bytes, fn, args...): as weir_go, with a stack of at least that many bytes instead
// of the usual one (option stack_kb, 128 KiB): for deep recursion or big local variables. 16 KiB to
// 1 GiB, else fatal; rounded up to a power of two. Memory is used when it is touched. Stacks are
// kept for the next goroutine that wants the same size.
#define weir_go_stack(bytes, ...) WEIR_GO_STACK_(bytes, WEIR_FIRST_TEXT_(__VA_ARGS__), __VA_ARGS__)

// The same for a block without arguments; it captures by value. One that captures another block
// or a __block variable is refused (fatal). A function, not a macro, so that each line of the block
// keeps its own place in debug information.
#if __has_extension(blocks)
WEIR_API void weir_go_block(void (^block)(void));
#endif

// Lets other runnable goroutines run; returns when this one is next.
WEIR_API void weir_yield(void);

// Runs the pending defers of this goroutine, newest first, and ends it. In
// goroutine 1 the program goes on without main and is a deadlock once all other
// goroutines are blocked or gone. Not for foreign threads (fatal). pthread_exit in goroutine 1
// does the same but runs no defers; in any other goroutine it is fatal.
WEIR_API void weir_goexit(void) __attribute__((noreturn));

WEIR_API uint64_t weir_goid(void);             // 1 = main; unique for the process
WEIR_API void weir_set_name(const char *name); // copied, at most 31 bytes

// Labels say on whose behalf a goroutine works: request=42, tenant=acme. Goroutines that it starts
// inherit them; reports and weir_dump show them and keep goroutines with different ones apart. A
// key has 1 to 31 characters of [a-zA-Z0-9_.:/-] (else false, EINVAL). A goroutine keeps 127
// bytes in all, with two more for each label (else false, ENOSPC, and nothing changes). Both
// texts are copied; value NULL takes the label away.
WEIR_API bool weir_set_label(const char *key, const char *value);
// The calling goroutine's, until it sets one; NULL: it has none of that key.
WEIR_API const char *weir_get_label(const char *key);
// weir_label(key, value): for the rest of the scope; then all labels are what they were before.
#define weir_label(key, value)                              \
  struct weir_labels_ WEIR_CAT_(weir_labels_v, __COUNTER__) \
      __attribute__((cleanup(weir_label_leave_))) = weir_label_enter_((key), (value))

WEIR_API long weir_num_goroutine(void); // not finished, main included

// weir_blocking(fn, args...): calls fn(args...) on a thread kept for such calls, parks the
// goroutine meanwhile, and returns when fn has: for calls that block their thread (a library
// without an asynchronous form, files, getaddrinfo), which would hold up goroutines that wait for
// the same worker and, on the main thread, main. fn has any signature, up to 12 arguments, and
// gives its results through pointers; its own result is dropped. errno and the
// rounding mode are passed in and come back.
// fn runs as an OS thread does: it may use channels and locks, but weir_goid and thread-local
// variables are that thread's, weir_goexit is fatal, and it must return. From a foreign
// thread fn is called at once, there. Up to 1,024 calls run at a time; more wait for one to end.
// Happens-before: the statement -> fn -> the return.
#define weir_blocking(...) \
  WEIR_CALL_LATER_(weir_blocking_, WEIR_FIRST_TEXT_(__VA_ARGS__), __VA_ARGS__)
WEIR_API void weir_blocking_(const void *block WEIR_LENT_, const struct weir_site *site);

// How many goroutines run at once, 1 to 256; n = 0 only asks. Returns the previous number, or -1
// with errno EINVAL (out of range) or EAGAIN (no more threads are to be had; what could be
// started stays). Also while goroutines run: one that runs on a worker too many goes on until it
// next waits or yields. At the start it is the number of CPUs the process may use, or the
// option procs. Makes no happens-before edge.
WEIR_API int weir_set_procs(int n);

// From here on the calling goroutine runs on one and the same OS thread, and nothing else runs
// there, until weir_unlock_os_thread was called as often: for libraries that keep state per thread
// or must be used by one thread. For goroutine 1 that is the main thread. A goroutine that ends
// without unlocking ends its thread. Each change from and to such a goroutine is a change of
// threads, some microseconds instead of nanoseconds. weir_blocking calls its function in place. Up
// to about 750 goroutines can do so at once; fatal if no thread can be made. On a foreign thread,
// and an unlock too many: no effect. Makes no happens-before edge.
WEIR_API void weir_lock_os_thread(void);
WEIR_API void weir_unlock_os_thread(void);

// weir_defer(expression): evaluates the expression when the enclosing scope
// ends (return, break, fall-through, weir_goexit), newest first. Variables in it
// are captured by value here. weir_defer(fn, args...) evaluates the arguments
// here as well, as Go does.
#define weir_defer(...)                                                 \
  WEIR_STATIC_ASSERT_(sizeof(#__VA_ARGS__) > 1, "weir_defer of what?"); \
  WEIR_DEFER_(__COUNTER__, __VA_ARGS__)

#ifdef __cplusplus
}
#endif
#endif
