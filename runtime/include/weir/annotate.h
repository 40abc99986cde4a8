// SPDX-License-Identifier: Apache-2.0
//
// Clang's -Wthread-safety for Weir's locks: which variable is guarded by which lock, and what a
// function needs, takes and gives back. The compiler then warns of accesses without the lock. It
// has to be asked for; else, and in other compilers, nothing is left of any of it. Code is made of
// none.
//
//   clang-19 -Wthread-safety -DWEIR_THREAD_SAFETY ...
//
//   struct account {
//     weir_mutex lock;
//     long balance WEIR_GUARDED_BY(&lock);
//   };
//   static void add_(struct account *a, long n) WEIR_REQUIRES(&a->lock);
//
// Locks are named as in all calls, by their address. In C, Clang 19 tells the locks of two objects
// of one type apart where functions name them, not where members are guarded by them; and it looks
// at no blocks, so an unlock in weir_defer is not seen and seems forgotten. weir_guard is
// understood.
#ifndef WEIR_ANNOTATE_H
#define WEIR_ANNOTATE_H

#if defined(WEIR_THREAD_SAFETY) && defined(__clang__)
#define WEIR_CAPABLE_(x) __attribute__((x))
#else
#define WEIR_CAPABLE_(x)
#endif

// Of a struct: it is a lock. Name: what warnings call it, "mutex".
#define WEIR_CAPABILITY(name) WEIR_CAPABLE_(capability(name))

// Of variables and members: read with the lock (either side), written with it for writing.
// WEIR_PT_: what the pointer points to, not the pointer.
#define WEIR_GUARDED_BY(lock) WEIR_CAPABLE_(guarded_by(lock))
#define WEIR_PT_GUARDED_BY(lock) WEIR_CAPABLE_(pt_guarded_by(lock))

// Of functions, behind their parameters. REQUIRES: who calls has it, and still has it afterwards.
// EXCLUDES: who calls must not have it. ACQUIRE, RELEASE: takes it, gives it back. TRY_ACQUIRE:
// takes it if the result is `got`. SHARED: the read side.
#define WEIR_REQUIRES(...) WEIR_CAPABLE_(requires_capability(__VA_ARGS__))
#define WEIR_REQUIRES_SHARED(...) WEIR_CAPABLE_(requires_shared_capability(__VA_ARGS__))
#define WEIR_EXCLUDES(...) WEIR_CAPABLE_(locks_excluded(__VA_ARGS__))
#define WEIR_ACQUIRE(...) WEIR_CAPABLE_(acquire_capability(__VA_ARGS__))
#define WEIR_ACQUIRE_SHARED(...) WEIR_CAPABLE_(acquire_shared_capability(__VA_ARGS__))
#define WEIR_RELEASE(...) WEIR_CAPABLE_(release_capability(__VA_ARGS__))
#define WEIR_RELEASE_SHARED(...) WEIR_CAPABLE_(release_shared_capability(__VA_ARGS__))
#define WEIR_TRY_ACQUIRE(got, ...) WEIR_CAPABLE_(try_acquire_capability(got, __VA_ARGS__))
#define WEIR_TRY_ACQUIRE_SHARED(got, ...) \
  WEIR_CAPABLE_(try_acquire_shared_capability(got, __VA_ARGS__))

// Of a function that does right in a way that cannot be told: it is not looked into.
#define WEIR_NO_THREAD_SAFETY WEIR_CAPABLE_(no_thread_safety_analysis)

// What a guard tells the compiler: two functions of its own that take and give back, the second at
// the end of the scope. They are one that does nothing, and being const, calls of them are left
// out. The guard's own lock is untold: its unlock is in a block, where the compiler does not look.
#if defined(WEIR_THREAD_SAFETY) && defined(__clang__)
#define WEIR_TOLD_(u, takes, gives)                                                             \
  extern int WEIR_CAT_(weir_takes, u)(void) __asm__("weir_told_") __attribute__((const)) takes; \
  extern int WEIR_CAT_(weir_gives, u)(const char *) __asm__("weir_told_")                       \
      __attribute__((const)) gives;                                                             \
  (void)WEIR_CAT_(weir_takes, u)();                                                             \
  const char WEIR_CAT_(weir_told, u) __attribute__((unused, cleanup(WEIR_CAT_(weir_gives, u)))) = 0;
#define WEIR_UNTOLD_(call) \
  (^{                      \
    call;                  \
  })()
#else
#define WEIR_TOLD_(u, takes, gives)
#define WEIR_UNTOLD_(call) call
#endif

#endif
