// SPDX-License-Identifier: Apache-2.0
//
// How "call this later" is said in C: the function and its arguments are bound
// to temporaries (evaluated now, each with its own type), and a block that
// captures the temporaries by value makes the call, so that the compiler checks
// it as an ordinary call. Nothing here is for users to name.
#ifndef WEIR_DETAIL_H
#define WEIR_DETAIL_H

#include <stddef.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

// For what a call looks at but never keeps: the compiler need not check accesses to a local
// variable that is only lent.
#define WEIR_LENT_ __attribute__((noescape))

// Copies the block and starts a goroutine that runs it.
WEIR_API void weir_go_start_(const void *block WEIR_LENT_, const struct weir_site *site);
WEIR_API void weir_go_stack_start_(const void *block WEIR_LENT_, const struct weir_site *site,
                                   size_t stack_size);
// The same for one that will be done on the wait group at its end.
WEIR_API void weir_go_member_start_(const void *block WEIR_LENT_, const struct weir_site *site,
                                    const void *wg);

// A defer lives in the frame of the scope it belongs to and is linked into its
// goroutine, so that weir_goexit can run those that are still pending.
struct weir_defer_ {
  struct weir_defer_ *next;
  const void *block;
};
WEIR_SHORT_API void weir_defer_push_(struct weir_defer_ *d);
WEIR_SHORT_API void weir_defer_run_(struct weir_defer_ *d);

// What a goroutine's labels were before a weir_label, kept in the frame of its scope.
enum { WEIR_LABELS_BYTES = 128 };
struct weir_labels_ {
  char text[WEIR_LABELS_BYTES];
};
WEIR_API struct weir_labels_ weir_label_enter_(const char *key, const char *value);
WEIR_API void weir_label_leave_(struct weir_labels_ *before);

#ifdef __cplusplus
}
#endif

#ifdef __cplusplus
#define WEIR_STATIC_ASSERT_(that, text) static_assert(that, text)
#else
#define WEIR_STATIC_ASSERT_(that, text) _Static_assert(that, text)
#endif

#define WEIR_CAT_(a, b) WEIR_CAT2_(a, b)
#define WEIR_CAT2_(a, b) a##b
#define WEIR_FIRST_TEXT_(...) WEIR_FIRST_TEXT2_(__VA_ARGS__, )
#define WEIR_FIRST_TEXT2_(first, ...) #first

// Number of arguments after the first, 0 to 12.
#define WEIR_EXTRA_(...) WEIR_EXTRA2_(__VA_ARGS__, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, )
#define WEIR_EXTRA2_(f, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, n, ...) n

// __extension__ keeps -Wpedantic quiet in the program that the macros are used in.
#define WEIR_AUTO_ __extension__ __auto_type

// WEIR_BIND_(u, f, x...) declares the temporaries, named apart by u and by how many arguments come
// after; WEIR_VALUE_(u, f, x...) is the call, WEIR_APPLY_ the call with its result dropped.
#define WEIR_BIND_0_(u, ...)
#define WEIR_BIND_1_(u, x, ...) WEIR_AUTO_ weir_a1_##u = (x);
#define WEIR_BIND_2_(u, x, ...) \
  WEIR_AUTO_ weir_a2_##u = (x); \
  WEIR_BIND_1_(u, __VA_ARGS__)
#define WEIR_BIND_3_(u, x, ...) \
  WEIR_AUTO_ weir_a3_##u = (x); \
  WEIR_BIND_2_(u, __VA_ARGS__)
#define WEIR_BIND_4_(u, x, ...) \
  WEIR_AUTO_ weir_a4_##u = (x); \
  WEIR_BIND_3_(u, __VA_ARGS__)
#define WEIR_BIND_5_(u, x, ...) \
  WEIR_AUTO_ weir_a5_##u = (x); \
  WEIR_BIND_4_(u, __VA_ARGS__)
#define WEIR_BIND_6_(u, x, ...) \
  WEIR_AUTO_ weir_a6_##u = (x); \
  WEIR_BIND_5_(u, __VA_ARGS__)
#define WEIR_BIND_7_(u, x, ...) \
  WEIR_AUTO_ weir_a7_##u = (x); \
  WEIR_BIND_6_(u, __VA_ARGS__)
#define WEIR_BIND_8_(u, x, ...) \
  WEIR_AUTO_ weir_a8_##u = (x); \
  WEIR_BIND_7_(u, __VA_ARGS__)
#define WEIR_BIND_9_(u, x, ...) \
  WEIR_AUTO_ weir_a9_##u = (x); \
  WEIR_BIND_8_(u, __VA_ARGS__)
#define WEIR_BIND_10_(u, x, ...) \
  WEIR_AUTO_ weir_a10_##u = (x); \
  WEIR_BIND_9_(u, __VA_ARGS__)
#define WEIR_BIND_11_(u, x, ...) \
  WEIR_AUTO_ weir_a11_##u = (x); \
  WEIR_BIND_10_(u, __VA_ARGS__)
#define WEIR_BIND_12_(u, x, ...) \
  WEIR_AUTO_ weir_a12_##u = (x); \
  WEIR_BIND_11_(u, __VA_ARGS__)
#define WEIR_ARGS_0_(u)
#define WEIR_ARGS_1_(u) weir_a1_##u
#define WEIR_ARGS_2_(u) weir_a2_##u, WEIR_ARGS_1_(u)
#define WEIR_ARGS_3_(u) weir_a3_##u, WEIR_ARGS_2_(u)
#define WEIR_ARGS_4_(u) weir_a4_##u, WEIR_ARGS_3_(u)
#define WEIR_ARGS_5_(u) weir_a5_##u, WEIR_ARGS_4_(u)
#define WEIR_ARGS_6_(u) weir_a6_##u, WEIR_ARGS_5_(u)
#define WEIR_ARGS_7_(u) weir_a7_##u, WEIR_ARGS_6_(u)
#define WEIR_ARGS_8_(u) weir_a8_##u, WEIR_ARGS_7_(u)
#define WEIR_ARGS_9_(u) weir_a9_##u, WEIR_ARGS_8_(u)
#define WEIR_ARGS_10_(u) weir_a10_##u, WEIR_ARGS_9_(u)
#define WEIR_ARGS_11_(u) weir_a11_##u, WEIR_ARGS_10_(u)
#define WEIR_ARGS_12_(u) weir_a12_##u, WEIR_ARGS_11_(u)

#define WEIR_BIND_(u, ...) WEIR_BIND2_(u, WEIR_EXTRA_(__VA_ARGS__), __VA_ARGS__, )
#define WEIR_BIND2_(u, n, f, ...) \
  WEIR_AUTO_ weir_f_##u = (f);    \
  WEIR_CAT_(WEIR_CAT_(WEIR_BIND_, n), _)(u, __VA_ARGS__)
#define WEIR_VALUE_(u, ...) \
  weir_f_##u(WEIR_CAT_(WEIR_CAT_(WEIR_ARGS_, WEIR_EXTRA_(__VA_ARGS__)), _)(u))
#define WEIR_APPLY_(u, ...) (void)WEIR_VALUE_(u, __VA_ARGS__)

#define WEIR_CALL_LATER_(start, text, ...) \
  __extension__({                          \
    WEIR_BIND_(t, __VA_ARGS__)             \
    start(                                 \
        (const void *)^{                   \
          WEIR_APPLY_(t, __VA_ARGS__);     \
        },                                 \
        WEIR_SITE(text));                  \
  })

#define WEIR_GO_STACK_(size, text, ...)     \
  __extension__({                           \
    const size_t weir_stack_size_ = (size); \
    WEIR_BIND_(t, __VA_ARGS__)              \
    weir_go_stack_start_(                   \
        (const void *)^{                    \
          WEIR_APPLY_(t, __VA_ARGS__);      \
        },                                  \
        WEIR_SITE(text), weir_stack_size_); \
  })

#define WEIR_DEFER_(u, ...) \
  WEIR_CAT_(WEIR_DEFER_, WEIR_CAT_(WEIR_IS_CALL_(WEIR_EXTRA_(__VA_ARGS__)), _))(u, __VA_ARGS__)
#define WEIR_IS_CALL_(n) WEIR_CAT_(WEIR_IS_CALL_, n)
#define WEIR_IS_CALL_0 EXPR
#define WEIR_IS_CALL_1 CALL
#define WEIR_IS_CALL_2 CALL
#define WEIR_IS_CALL_3 CALL
#define WEIR_IS_CALL_4 CALL
#define WEIR_IS_CALL_5 CALL
#define WEIR_IS_CALL_6 CALL
#define WEIR_IS_CALL_7 CALL
#define WEIR_IS_CALL_8 CALL
#define WEIR_IS_CALL_9 CALL
#define WEIR_IS_CALL_10 CALL
#define WEIR_IS_CALL_11 CALL
#define WEIR_IS_CALL_12 CALL
#define WEIR_DEFER_EXPR_(u, e) \
  WEIR_DEFER_BLOCK_(u, ^{      \
    e;                         \
  })
#define WEIR_DEFER_CALL_(u, ...) \
  WEIR_BIND_(u, __VA_ARGS__)     \
  WEIR_DEFER_BLOCK_(u, ^{        \
    WEIR_APPLY_(u, __VA_ARGS__); \
  })
#define WEIR_DEFER_BLOCK_(u, ...)                                                 \
  struct weir_defer_ WEIR_CAT_(weir_defer_v, u)                                   \
      __attribute__((cleanup(weir_defer_run_))) = {0, (const void *)__VA_ARGS__}; \
  weir_defer_push_(&WEIR_CAT_(weir_defer_v, u))

#endif
