// SPDX-License-Identifier: Apache-2.0
//
// Object pool, as Go's sync.Pool: keeps objects that are not in use for who needs one next, so that
// they need not be made anew each time: buffers, parsers, connections that may also be lost. It is
// no place to keep things: an object that was put may be dropped at any time. WEIR_POOL initializes
// a pool where it is declared; it may not be copied after first use. Any goroutine or OS thread may
// call; none blocks (but the program's own functions may).
//
//   static void *make_buffer(void) { return malloc(sizeof(struct buffer)); }
//   static weir_pool buffers = WEIR_POOL(struct buffer, make_buffer, free);
//   struct buffer *b = weir_pool_get(&buffers);
//   weir_defer(weir_pool_put(&buffers, b));
//
// Happens-before: the put of an object -> the get that returns it, or its drop. No edge more. Under
// the race detector put and get count as writes to the whole object: who uses one after it was put
// is reported once another goroutine gets it.
#ifndef WEIR_POOL_H
#define WEIR_POOL_H

#include <stddef.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_pool_caches_;

typedef struct weir_pool {
  size_t size; // bytes of an object
  void *(*make)(void);
  void (*drop)(void *object);
  struct weir_pool_caches_ *caches; // atomic; NULL until the first put
} weir_pool;

// An initializer for a pool of T. make returns a new object, or NULL when it cannot (NULL instead
// of a function: the pool makes none); drop gives one back (NULL: nothing is to be done). Each is
// called by whoever calls the pool, with no lock held.
#define WEIR_POOL(T, make_, drop_) \
  {.size = sizeof(T), .make = (make_), .drop = (drop_), .caches = NULL}

// An object that was put, in whatever state it was then, or a new one. NULL when none is kept and
// none can be made. If make returns NULL, all pools of the program are drained and it is asked
// again.
WEIR_API void *weir_pool_get(weir_pool *pool);

// Gives an object back, which may have been made elsewhere; the caller may not use it any more.
// NULL is allowed. At most 62 are kept per processor, and some more of OS threads; one too many is
// dropped at once, as are all while memory is out.
WEIR_API void weir_pool_put(weir_pool *pool, void *object);

// Drops the objects kept; returns how many. NULL: of all pools, for when memory is short.
WEIR_API size_t weir_pool_drain(weir_pool *pool);

// Drains the pool and frees its own memory, before the pool itself goes (a static one need not).
// Nobody may be in a call; the pool may be used again afterwards.
WEIR_API void weir_pool_free(weir_pool *pool);

#ifdef __cplusplus
}
#endif
#endif
