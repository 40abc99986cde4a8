// SPDX-License-Identifier: Apache-2.0
//
// The two calls that clang emits for a block that captures another block or a __block variable.
// They belong to libBlocksRuntime, which is not part of Debian's clang and which Weir does not
// need; without them such a program would not link, even when it never copies a block.
//
// Nothing here copies blocks, so a block and its __block variables stay on the stack they were
// made on: there is nothing to dispose of, and nobody calls the helper that assigns. (weir_go and
// weir_go_block refuse a block that has one, go.c.) With libBlocksRuntime in the program its
// functions do the work; found late, because ours stand before those of a shared library.
#include <dlfcn.h>

#include "base/check.h"

#define BLOCKS_ABI __attribute__((weak, visibility("default")))

BLOCKS_ABI void _Block_object_assign(void *to, const void *from, int flags);
BLOCKS_ABI void _Block_object_assign(void *to, const void *from, int flags) {
  void (*theirs)(void *, const void *, int) = dlsym(RTLD_NEXT, "_Block_object_assign");
  if (!theirs) weir_fatal("a block is copied, which needs libBlocksRuntime (-lBlocksRuntime)");
  theirs(to, from, flags);
}

BLOCKS_ABI void _Block_object_dispose(const void *object, int flags);
BLOCKS_ABI void _Block_object_dispose(const void *object, int flags) {
  void (*theirs)(const void *, int) = dlsym(RTLD_NEXT, "_Block_object_dispose");
  if (theirs) theirs(object, flags);
}
