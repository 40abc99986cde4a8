// SPDX-License-Identifier: Apache-2.0
//
// Typed concurrent maps, with the semantics of Go's sync.Map: any goroutine or OS thread may make
// every call here on the same map at the same time; none blocks.
//
//   weir_map(int, struct user *) users = weir_map_make(int, struct user *);
//   weir_map_store(users, 7, &me);
//   if (weir_map_load(users, 7, &found)) ...
//   int id; weir_map_range(users, &id, &found) { ... }
//
// weir_map(K, V) is a distinct pointer type per K and V that needs no declaration. A map is shared
// by pointer and freed explicitly. K is an integer, enum, bool or pointer, compared by value, or
// const char *: strings, compared as such, of which the map keeps copies (never NULL). V may be any
// complete object type but an array, of 0 to 65,536 bytes; values are copied. What a value points
// to is the program's.
//
// Errors: calls that may add an entry return 0, or ENOMEM and then have changed nothing. All others
// cannot fail.
//
// Happens-before: a call that changes an entry -> every call that finds it so. Store, delete and
// clear change; load and range find; load_or_store, load_and_delete, swap and the two compares
// find, and change if they do. Finding no entry counts when another call has deleted it.
// No edge more: two keys have nothing to do with each other, nor have two stores. len orders
// nothing.
#ifndef WEIR_MAP_H
#define WEIR_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <weir/abi.h>
#include <weir/detail.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_map_; // never defined for users

#define weir_map(K, V) __typeof__(__typeof__(V)(*)(struct weir_map_ *, __typeof__(K)))
#define WEIR_MAP_(m) __extension__((struct weir_map_ *)(m))
#define WEIR_MAP_V_(m) __typeof__((m)(0, 0))
// The key as a word, after the compiler has checked it as an argument of type K.
#define WEIR_MAP_KEY_(m, key)        \
  __extension__({                    \
    WEIR_AUTO_ weir_key_ = (key);    \
    (void)sizeof((m)(0, weir_key_)); \
    (uint64_t)weir_key_;             \
  })

enum weir_map_keys_ { WEIR_MAP_KEYS_NONE_, WEIR_MAP_UNSIGNED_, WEIR_MAP_SIGNED_, WEIR_MAP_TEXT_ };
#define WEIR_MAP_KEYS_(K)            \
  _Generic((__typeof__(K))0,         \
      char *: WEIR_MAP_TEXT_,        \
      const char *: WEIR_MAP_TEXT_,  \
      char: WEIR_MAP_SIGNED_,        \
      signed char: WEIR_MAP_SIGNED_, \
      short: WEIR_MAP_SIGNED_,       \
      int: WEIR_MAP_SIGNED_,         \
      long: WEIR_MAP_SIGNED_,        \
      long long: WEIR_MAP_SIGNED_,   \
      float: WEIR_MAP_KEYS_NONE_,    \
      double: WEIR_MAP_KEYS_NONE_,   \
      default: WEIR_MAP_UNSIGNED_)

#ifdef __cplusplus
#define WEIR_SAME_TYPE_(a, b) __is_same(a, b)
#else
#define WEIR_SAME_TYPE_(a, b) __builtin_types_compatible_p(a, b)
#endif

// A new, empty map; NULL when memory runs out. Free with weir_map_free.
#define weir_map_make(K, V)                                                                \
  __extension__({                                                                          \
    _Static_assert(WEIR_MAP_KEYS_(K) != WEIR_MAP_KEYS_NONE_ && sizeof(__typeof__(K)) <= 8, \
                   "a key is an integer, a pointer, or const char * for strings");         \
    _Static_assert(sizeof(__typeof__(V)) <= 65536, "a value has at most 65,536 bytes");    \
    (weir_map(K, V))                                                                       \
        weir_map_make_(WEIR_MAP_KEYS_(K), sizeof(__typeof__(K)), sizeof(__typeof__(V)));   \
  })

// True: there is an entry, and its value is in *dst (V *, may be NULL). False: *dst is zeroed.
#define weir_map_load(m, key, dst)                                  \
  __extension__({                                                   \
    WEIR_MAP_V_(m) *weir_dst_ = (dst);                              \
    weir_map_load_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), weir_dst_); \
  })

// weir_map_store(m, key, value): adds an entry or replaces its value. 0 or ENOMEM.
#define weir_map_store(m, key, ...)                                     \
  __extension__({                                                       \
    WEIR_MAP_V_(m) weir_value_ = (__VA_ARGS__);                         \
    weir_map_store_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), &weir_value_); \
  })

// Keeps the entry if there is one (*loaded true), else adds one with value (false). *actual is what
// the map has then. Both may be NULL. 0 or ENOMEM.
#define weir_map_load_or_store(m, key, value, actual, loaded)                             \
  __extension__({                                                                         \
    WEIR_MAP_V_(m) weir_value_ = (value), *weir_dst_ = (actual);                          \
    weir_map_load_or_store_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), &weir_value_, weir_dst_, \
                            (loaded));                                                    \
  })

// Stores value; *previous is what was there (*loaded true), or zeroed (false). Both may be NULL. 0
// or ENOMEM.
#define weir_map_swap(m, key, value, previous, loaded)                                      \
  __extension__({                                                                           \
    WEIR_MAP_V_(m) weir_value_ = (value), *weir_dst_ = (previous);                          \
    weir_map_swap_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), &weir_value_, weir_dst_, (loaded)); \
  })

#define weir_map_delete(m, key) weir_map_delete_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key))
// True: there was an entry; its value is in *dst (may be NULL). False: *dst is zeroed.
#define weir_map_load_and_delete(m, key, dst)                                  \
  __extension__({                                                              \
    WEIR_MAP_V_(m) *weir_dst_ = (dst);                                         \
    weir_map_load_and_delete_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), weir_dst_); \
  })

// True: there was an entry with the value old, and it has the value new now, or is deleted. V is
// a scalar here, and compared byte by byte.
#define weir_map_compare_and_swap(m, key, old, new_)                                \
  __extension__({                                                                   \
    WEIR_MAP_V_(m) weir_old_ = (old), weir_new_ = (new_);                           \
    (void)sizeof(weir_old_ == weir_new_);                                           \
    weir_map_compare_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), &weir_old_, &weir_new_); \
  })
#define weir_map_compare_and_delete(m, key, old)                              \
  __extension__({                                                             \
    WEIR_MAP_V_(m) weir_old_ = (old);                                         \
    (void)sizeof(weir_old_ == weir_old_);                                     \
    weir_map_compare_(WEIR_MAP_(m), WEIR_MAP_KEY_(m, key), &weir_old_, NULL); \
  })

#define weir_map_clear(m) weir_map_clear_(WEIR_MAP_(m)) // not at one moment: part by part
#define weir_map_len(m) weir_map_len_(WEIR_MAP_(m))     // entries; exact when nobody changes it
// NULL is allowed. Nobody may use the map afterwards.
#define weir_map_free(m) weir_map_free_(WEIR_MAP_(m))

// weir_map_range(m, &key, &value) statement: the statement once for each entry, in no order, with
// the entry in key and value (&value may be NULL). It may break, return and change the map. No key
// comes twice; an entry that is there all the time comes; one that comes or goes meanwhile may or
// may not. A string is the map's own and good until the next round: copy it to keep it.
// The statement must not leave by weir_goexit.
#define weir_map_range(m, keyp, valuep)                                                     \
  for (struct weir_map_iter_ weir_iter_                                                     \
       __attribute__((cleanup(weir_map_iter_end_))) = {WEIR_MAP_(m), NULL, 0, 0};           \
       __extension__({                                                                      \
         _Static_assert(                                                                    \
             WEIR_SAME_TYPE_(__typeof__(m), weir_map(__typeof__(*(keyp)), WEIR_MAP_V_(m))), \
             "weir_map_range: the first pointer is not to the map's type of keys");         \
         WEIR_MAP_V_(m) *weir_dst_ = (valuep);                                              \
         weir_map_next_(&weir_iter_, (keyp), weir_dst_);                                    \
       });)

// --- what the macros call ---------------------------------------------------------------------

struct weir_map_iter_ {
  struct weir_map_ *map;
  void *at; // the entry of this round, which is kept
  size_t part;
  uint64_t end;
};

WEIR_API struct weir_map_ *weir_map_make_(enum weir_map_keys_ keys, size_t key_size,
                                          size_t value_size);
WEIR_API bool weir_map_load_(struct weir_map_ *m, uint64_t key, void *dst);
WEIR_API int weir_map_store_(struct weir_map_ *m, uint64_t key, const void *value);
WEIR_API int weir_map_load_or_store_(struct weir_map_ *m, uint64_t key, const void *value,
                                     void *actual, bool *loaded);
WEIR_API int weir_map_swap_(struct weir_map_ *m, uint64_t key, const void *value, void *previous,
                            bool *loaded);
WEIR_API void weir_map_delete_(struct weir_map_ *m, uint64_t key);
WEIR_API bool weir_map_load_and_delete_(struct weir_map_ *m, uint64_t key, void *dst);
WEIR_API bool weir_map_compare_(struct weir_map_ *m, uint64_t key, const void *old,
                                const void *new_);
WEIR_API void weir_map_clear_(struct weir_map_ *m);
WEIR_API size_t weir_map_len_(struct weir_map_ *m);
WEIR_API void weir_map_free_(struct weir_map_ *m);
WEIR_API bool weir_map_next_(struct weir_map_iter_ *it, void *key, void *value);
WEIR_API void weir_map_iter_end_(struct weir_map_iter_ *it);

#ifdef __cplusplus
}
#endif
#endif
