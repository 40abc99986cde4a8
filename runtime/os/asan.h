// SPDX-License-Identifier: Apache-2.0
//
// The bridge to AddressSanitizer and its leak checker, for programs built with
// `weir cc --weir-no-race -fsanitize=address`. ASan must know on which stack a thread runs: it
// keeps the frames of a function apart by poisoned zones, keeps some frames in a fake stack that
// belongs to one real stack, and walks stacks for its reports within their bounds. So each
// switch says where it leaves from and where it arrives, a finished goroutine's stack is made
// clean, and what lies in the runtime's own memory (stacks, buffers of channels) is shown to the
// leak checker, which looks at nothing that is mapped by hand.
//
// All of ASan is taken by weak symbols: without it weir_asan_on is false and none of this runs.
#ifndef WEIR_OS_ASAN_H
#define WEIR_OS_ASAN_H

#include <stdbool.h>
#include <stddef.h>

extern bool weir_asan_on; // constant once the constructor ran

void weir_asan_start(void);

// Directly before a switch to the stack [low, low + size); low NULL: the calling thread's own.
// `kept` is what the left stack needs when it is resumed; NULL: it never is.
struct weir_asan_kept {
  void *fake;  // its fake stack, or NULL
  size_t size; // of the stack it belongs to; 0: the thread's own
};
void weir_asan_leave(struct weir_asan_kept *kept, void *low, size_t size);
// Directly after a switch, with what leave kept for this stack; NULL on a new one.
void weir_asan_arrive(struct weir_asan_kept *kept);

// Nobody runs on this stack any more: frames that were left without a return poison nothing.
void weir_asan_clean(void *low, size_t size);

// Memory in which the program's pointers may lie. As noted, so dropped, with the same bounds.
void weir_asan_root(void *low, size_t size);
void weir_asan_unroot(void *low, size_t size);
// The same for the calling thread's own stack, for ever: needed for one that switches.
void weir_asan_root_thread(void);

#endif
