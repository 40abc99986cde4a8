// SPDX-License-Identifier: Apache-2.0
//
// The way into a process for a debugger: weir_post_mortem_ is found by its name in the dynamic
// symbols and read from the process's memory or its core. Addresses and numbers only, each 8 bytes;
// a program does not use it.
#ifndef WEIR_POST_MORTEM_H
#define WEIR_POST_MORTEM_H

#include <stdint.h>
#include <weir/abi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weir_post_mortem_ {
  uint64_t magic; // WEIR_POST_MORTEM_MAGIC of layout.def
  uint64_t layout_count;
  const uint32_t *layout; // the numbers of layout.def
  uint64_t op_count;
  const char *const *ops; // "chan send" ...; what a goroutine waits in
  uint64_t kind_count;
  const char *const *kinds; // "channel" ...; of objects
  const struct weir_goroutine_table_ *goroutines;
  const void *workers;     // array of pointers
  const int *worker_count; // of it
  const int64_t *now;      // CLOCK_MONOTONIC as of a moment ago, in ns
};

struct weir_goroutine_table_ { // layout.def says how a slot is found
  const void *main;            // slot 0
  const void *chunks;          // array of pointers
  const void *count;           // uint64_t: how many slots there are but main's
};
extern __attribute__((visibility("default"))) const struct weir_post_mortem_ weir_post_mortem_;

#ifdef __cplusplus
}
#endif
#endif
