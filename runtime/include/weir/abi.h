// SPDX-License-Identifier: Apache-2.0
//
// The contract between the macros, the compiler plugin and the runtime: the
// one shape they share (struct weir_site), and what inlined race checks ask for.
// This header includes nothing of Weir.
//
// A site is a place in the source together with the *name* of what is used
// there. Macros make one static const site per use; the plugin may rewrite
// `name` (from "&from->mu" to "account.mu", from "" to the variable that a new
// channel is stored in). A site lives in static storage for the whole run, so
// the runtime keeps pointers to it and never copies.
#ifndef WEIR_ABI_H
#define WEIR_ABI_H

#include <stdint.h>

// A call of the runtime that ends a function must not become a jump: its caller's frame
// would be missing from every stack in every report.
#if defined(__clang__)
#define WEIR_API __attribute__((visibility("default"), not_tail_called))
#elif defined(__GNUC__)
#define WEIR_API __attribute__((visibility("default")))
#else
#define WEIR_API
#endif

// WEIR_SHORT: the short ways of some calls are compiled into the program (weir/inline.h); those
// are declared WEIR_SHORT_API. Not in code that a race detector instruments, as it would take the
// runtime's notes for accesses of the program, and not for other compilers and processors.
#if defined(__clang__) && defined(__x86_64__) && defined(__BLOCKS__) && !defined(WEIR_BUILDING)
#if !__has_feature(thread_sanitizer)
#define WEIR_SHORT 1
#endif
#endif
#ifdef WEIR_SHORT
#define WEIR_SHORT_API __attribute__((visibility("default")))
#else
#define WEIR_SHORT_API WEIR_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct weir_site {
  const char *name; // expression text or, better, the variable; "" = unknown
  const char *func; // enclosing function
  const char *file; // as the compiler was given it
  uint32_t line;    // 1-based
  uint32_t flags;   // WEIR_SITE_*
};

enum {
  WEIR_SITE_NAMED_BY_PLUGIN = 1u, // name is the declared variable or field
};

// The variable inside each site literal; the plugin finds sites by this name.
#define WEIR_SITE(text)                                                                 \
  __extension__({                                                                       \
    static const struct weir_site weir_site_ = {text, __func__, __FILE__, __LINE__, 0}; \
    &weir_site_;                                                                        \
  })

// Called by the compiler at each return of main, if the program has it: what main has on its stack
// must be there as long as goroutines that outlive main are watched.
WEIR_API void __weir_main_returns(void);

// For race checks that the plugin inlines: the word of the race runtime that tells the calling
// goroutine's accesses of now from all others, or one that is nobody's if checks cannot be
// made inline here. Valid for as long as the calling function is active; the word changes at
// each synchronisation. Any thread; makes no edge.
// Beside it there are __weir_race_read1 to __weir_race_write8, checks that keep all registers.
WEIR_API const uint32_t *__weir_race_state(void);

// By a constructor of each library that is checked for races, with an address in its code: what was
// accessed where its variables are now was another's, that has been unloaded. Makes no edge.
WEIR_API void __weir_race_loaded(const void *code);

// For C11 fences, which the race runtime does not know: called by instrumented code beside the
// atomic operations that it does know, if __weir_fences is not 0. Any thread. Together they make
// the edges of the C memory model: from what is before a release fence to what is after an
// operation that acquires and meets a later relaxed store, and likewise from a relaxed load to an
// acquire fence.
extern uint8_t __weir_fences;           // atomic, relaxed
WEIR_API void __weir_fences_used(void); // by a constructor of each file that has fences
WEIR_API void __weir_fence(int order);  // where a fence stands; order as in C11
WEIR_API void
__weir_fence_store(void *at); // before an operation at `at` that stores and releases nothing
WEIR_API void __weir_fence_load(void *at); // after one that loads and acquires nothing

#ifdef __cplusplus
}
#endif
#endif
