// SPDX-License-Identifier: Apache-2.0
//
// Singleflight: callers that ask for the same thing at the same time share one
// execution. The zero value is ready to use and needs no free. Any goroutine or OS thread may call.
//
// Happens-before: the end of fn -> the return of every weir_singleflight_do that shares it, and the
// start of every fn, whatever its key, that the same object calls later.
#ifndef WEIR_SINGLEFLIGHT_H
#define WEIR_SINGLEFLIGHT_H

#include <stdbool.h>
#include <stdint.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_flight_;

typedef struct weir_singleflight {
  uint32_t lock;
  uint32_t edges;       // with a race detector: has been used
  uint32_t count, size; // flights; buckets of `many`
  uintptr_t few[8];     // buckets
  uintptr_t *many;      // in their place while there are many flights
} weir_singleflight;

// Calls fn(arg) and returns its result; if another goroutine is in a call with an equal key, waits
// for that one and returns the same pointer (fn and arg are then not used). *shared (may be NULL)
// becomes whether the result went to more than one caller, who must then agree who
// owns it. The key is needed until the call returns. A call of the same key within fn waits for
// itself. If fn leaves by weir_goexit, those who wait get NULL.
WEIR_API void *weir_singleflight_do(weir_singleflight *sf, const char *key, void *(*fn)(void *arg),
                                    void *arg, bool *shared);

// The next call with this key executes anew, even while an earlier one is under way.
WEIR_API void weir_singleflight_forget(weir_singleflight *sf, const char *key);

#ifdef __cplusplus
}
#endif
#endif
