// SPDX-License-Identifier: Apache-2.0
//
// Typed channels and select, with Go's semantics.
//
//            | nil            | open                        | closed
//   send     | blocks forever | blocks until taken/buffered | fatal
//   receive  | blocks forever | blocks until there is one   | rest, then zero
//   close    | fatal          | wakes all receivers         | fatal
//
// weir_chan(T) is a distinct pointer type per element type T that needs no
// declaration. A channel is shared by pointer and freed explicitly. Elements
// are copied; T may be any complete object type but an array (wrap it in a
// struct), of 0 to 65,536 bytes.
//
// weir_send_chan(T) and weir_recv_chan(T) are the same channel seen from one side: the compiler
// refuses to receive from the first, to send on or close the second, and to turn either into
// anything else. len, cap and free work on all three. Only types differ: no code is made.
//
// Happens-before, for a channel of capacity C: the k-th send -> completion of
// the k-th receive; the k-th receive -> completion of the (k+C)-th send; close ->
// a receive that returns false. No edge more: two sends are not ordered. What a receive writes for
// its caller (*dst, *ok) comes after it, as in x = <-ch: a send that had waited for its slot is not
// ordered after that.
//
// Any goroutine or OS thread may make every call here. Arguments are evaluated once, the channel
// first.
#ifndef WEIR_CHAN_H
#define WEIR_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <weir/abi.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_chan_; // never defined for users
struct weir_send_only_;
struct weir_recv_only_;

#define weir_chan(T) __typeof__(__typeof__(T)(*)(struct weir_chan_ *))
#define weir_send_chan(T) __typeof__(__typeof__(T)(*)(struct weir_send_only_ *))
#define weir_recv_chan(T) __typeof__(__typeof__(T)(*)(struct weir_recv_only_ *))
#define WEIR_ELEM_(ch) __typeof__((ch)(0))
#define WEIR_CH_(ch) __extension__((struct weir_chan_ *)(ch))

// One side of a weir_chan(T) (or of what is that side already), to hand to a function whose
// business it is: weir_go(produce, weir_send_only(ch)).
#define weir_send_only(ch)                                          \
  __extension__({                                                   \
    WEIR_CAN_SEND_(ch);                                             \
    (weir_send_chan(__typeof__((ch)(0))))(struct weir_chan_ *)(ch); \
  })
#define weir_recv_only(ch)                                          \
  __extension__({                                                   \
    WEIR_CAN_RECV_(ch);                                             \
    (weir_recv_chan(__typeof__((ch)(0))))(struct weir_chan_ *)(ch); \
  })

#ifdef __cplusplus
#define WEIR_CHECK_SIDE_(ch, wrong, text) static_assert(!__is_same(__typeof__(ch), wrong), text)
#else
#define WEIR_CHECK_SIDE_(ch, wrong, text) \
  _Static_assert(!__builtin_types_compatible_p(__typeof__(ch), wrong), text)
#endif
#define WEIR_CAN_SEND_(ch)                             \
  WEIR_CHECK_SIDE_(ch, weir_recv_chan(WEIR_ELEM_(ch)), \
                   "this channel is receive-only: it cannot be sent on or closed")
#define WEIR_CAN_RECV_(ch)                             \
  WEIR_CHECK_SIDE_(ch, weir_send_chan(WEIR_ELEM_(ch)), \
                   "this channel is send-only: it cannot be received from")

// What is received goes to a place of the element's type, or to one that the program has no type
// for (void *, also NULL). C++ sees to that by itself.
#ifdef __cplusplus
#define WEIR_CAN_HOLD_(ch, dst)
#else
#define WEIR_CAN_HOLD_(ch, dst)                                                        \
  _Static_assert(WEIR_POINTS_TO_(WEIR_ELEM_(ch), dst) || WEIR_POINTS_TO_(void, dst) || \
                     WEIR_NULL_(dst),                                                  \
                 "what is received here is of another type than the channel's elements")
#define WEIR_POINTS_TO_(T, p) __builtin_types_compatible_p(__typeof__(1 ? (p) : (p)), T *)
#define WEIR_NULL_(p) WEIR_IS_(p, int) || WEIR_IS_(p, WEIR_NULLPTR_) // 0, or C23's constant
#define WEIR_IS_(p, T) __builtin_types_compatible_p(__typeof__(p), T)
#if __STDC_VERSION__ > 201710L
#define WEIR_NULLPTR_ __typeof__(nullptr)
#else
#define WEIR_NULLPTR_ int
#endif
#endif

// A new channel of T with room for `cap` elements (0: unbuffered). Fatal, with the place of the
// call, when memory runs out, T is larger than an element may be, or cap is negative or too large.
// Free with weir_chan_free.
#define weir_chan_make(T, cap) \
  __extension__((weir_chan(T))weir_chan_make_(WEIR_SIZE_(T), (cap), WEIR_SITE("")))
#define WEIR_SIZE_(T) sizeof(__typeof__(T)[1]) // void has none

// Sends a copy of value; blocks while the buffer is full, or without a buffer
// until a receiver takes it. On a closed channel: fatal finding send-on-closed; if nothing orders
// it before the close: send-close-race.
#define weir_send(ch, ...)                                   \
  __extension__({                                            \
    WEIR_CAN_SEND_(ch);                                      \
    struct weir_chan_ *weir_ch_ = WEIR_CH_(ch);              \
    WEIR_ELEM_(ch) weir_value_ = (__VA_ARGS__);              \
    weir_chan_send_(weir_ch_, &weir_value_, WEIR_SITE(#ch)); \
  })

// Receives into *dst (or drops the element when dst is NULL). False when the
// channel is closed and drained; *dst is then zeroed.
#define weir_recv(ch, dst)                                \
  __extension__({                                         \
    WEIR_CAN_RECV_(ch);                                   \
    WEIR_CAN_HOLD_(ch, dst);                              \
    struct weir_chan_ *weir_ch_ = WEIR_CH_(ch);           \
    WEIR_ELEM_(ch) *weir_dst_ = (dst);                    \
    weir_chan_recv_(weir_ch_, weir_dst_, WEIR_SITE(#ch)); \
  })

// As above but never block: false = would have blocked. try_recv sets *ok (may be
// NULL) to what weir_recv would have returned.
#define weir_try_send(ch, ...)                                   \
  __extension__({                                                \
    WEIR_CAN_SEND_(ch);                                          \
    struct weir_chan_ *weir_ch_ = WEIR_CH_(ch);                  \
    WEIR_ELEM_(ch) weir_value_ = (__VA_ARGS__);                  \
    weir_chan_try_send_(weir_ch_, &weir_value_, WEIR_SITE(#ch)); \
  })
#define weir_try_recv(ch, dst, ok)                                  \
  __extension__({                                                   \
    WEIR_CAN_RECV_(ch);                                             \
    WEIR_CAN_HOLD_(ch, dst);                                        \
    struct weir_chan_ *weir_ch_ = WEIR_CH_(ch);                     \
    WEIR_ELEM_(ch) *weir_dst_ = (dst);                              \
    weir_chan_try_recv_(weir_ch_, weir_dst_, (ok), WEIR_SITE(#ch)); \
  })

// Closes: receivers drain the buffer and then get false. A second close, or a
// close of nil, is a fatal finding.
#define weir_close(ch)                              \
  __extension__({                                   \
    WEIR_CAN_SEND_(ch);                             \
    weir_chan_close_(WEIR_CH_(ch), WEIR_SITE(#ch)); \
  })

#define weir_chan_len(ch) weir_chan_len_(WEIR_CH_(ch)) // buffered now; nil: 0
#define weir_chan_cap(ch) weir_chan_cap_(WEIR_CH_(ch)) // capacity; nil: 0

// Frees the channel; nil is allowed. Who got false from weir_recv may free it, if nobody else still
// receives from it: a close that is under way in another goroutine does not touch it any more.
// Freeing one that goroutines are blocked on, and using it afterwards, is the fatal finding
// free-of-channel-in-use; a use that nothing orders before the free is channel-free-race.
#define weir_chan_free(ch) weir_chan_free_(WEIR_CH_(ch), WEIR_SITE(#ch))

// --- select ---------------------------------------------------------------

enum weir_case_kind { WEIR_CASE_RECV, WEIR_CASE_SEND, WEIR_CASE_DEFAULT };

struct weir_case {
  enum weir_case_kind kind;
  struct weir_chan_ *ch; // nil: never ready
  void *elem;            // RECV: where to put it, or NULL; SEND: the value
  bool *ok;              // RECV: set to what weir_recv would return, or NULL
  const struct weir_site *site;
};

#define WEIR_DEFAULT (-1)

#define weir_on_recv(channel, dst, okp)                                                        \
  (struct weir_case) {                                                                         \
    .kind = WEIR_CASE_RECV, .ch = WEIR_CH_(channel), .elem = __extension__({                   \
                                                       WEIR_CAN_RECV_(channel);                \
                                                       WEIR_CAN_HOLD_(channel, dst);           \
                                                       WEIR_ELEM_(channel) *weir_dst_ = (dst); \
                                                       weir_dst_;                              \
                                                     }),                                       \
    .ok = (okp), .site = WEIR_SITE(#channel)                                                   \
  }
#define weir_on_send(channel, ...)                                              \
  (struct weir_case) {                                                          \
    .kind = WEIR_CASE_SEND, .ch = WEIR_CH_(channel),                            \
    .elem = (WEIR_ELEM_(channel)[1]){(__VA_ARGS__)}, .site = __extension__({    \
                                                       WEIR_CAN_SEND_(channel); \
                                                       WEIR_SITE(#channel);     \
                                                     })                         \
  }
#define weir_on_default()     \
  (struct weir_case) {        \
    .kind = WEIR_CASE_DEFAULT \
  }

// Waits until one case can go on, does it, and returns its index in the
// argument list; WEIR_DEFAULT when none can and weir_on_default() is given. When
// several can, each is picked with equal probability. No case at all, or only
// nil channels: blocks forever. Cases are evaluated once, in order.
#define weir_select(...)                                                                        \
  __extension__({                                                                               \
    struct weir_case weir_cases_[] = {__VA_ARGS__};                                             \
    weir_select_(weir_cases_, sizeof weir_cases_ / sizeof weir_cases_[0], WEIR_SITE("select")); \
  })
#define weir_select_n(cases, n) weir_select_((cases), (n), WEIR_SITE("select"))

// --- what the macros call ---------------------------------------------------

WEIR_API struct weir_chan_ *weir_chan_make_(size_t elem_size, size_t cap,
                                            const struct weir_site *site);
WEIR_API void weir_chan_send_(struct weir_chan_ *ch, const void *value WEIR_LENT_,
                              const struct weir_site *site);
WEIR_API bool weir_chan_recv_(struct weir_chan_ *ch, void *dst WEIR_LENT_,
                              const struct weir_site *site);
WEIR_API bool weir_chan_try_send_(struct weir_chan_ *ch, const void *value WEIR_LENT_,
                                  const struct weir_site *site);
WEIR_API bool weir_chan_try_recv_(struct weir_chan_ *ch, void *dst WEIR_LENT_, bool *ok,
                                  const struct weir_site *site);
WEIR_API void weir_chan_close_(struct weir_chan_ *ch, const struct weir_site *site);
WEIR_API size_t weir_chan_len_(struct weir_chan_ *ch);
WEIR_API size_t weir_chan_cap_(struct weir_chan_ *ch);
WEIR_API void weir_chan_free_(struct weir_chan_ *ch, const struct weir_site *site);
WEIR_API int weir_select_(struct weir_case *cases WEIR_LENT_, size_t n,
                          const struct weir_site *site);

#ifdef __cplusplus
}
#endif
#endif
