// SPDX-License-Identifier: Apache-2.0
//
// asan.h. The declarations are those of LLVM's sanitizer/common_interface_defs.h,
// asan_interface.h and lsan_interface.h, weak.
#include "os/asan.h"

#include "os/thread.h"

#define WEAK __attribute__((weak, visibility("default")))

WEAK void __sanitizer_start_switch_fiber(void **fake_stack_save, const void *bottom, size_t size);
WEAK void __sanitizer_finish_switch_fiber(void *fake_stack_save, const void **bottom_old,
                                          size_t *size_old);
WEAK void __asan_unpoison_memory_region(void const volatile *low, size_t size);
WEAK void __lsan_register_root_region(const void *low, size_t size);
WEAK void __lsan_unregister_root_region(const void *low, size_t size);

bool weir_asan_on;

void weir_asan_start(void) {
  weir_asan_on = __sanitizer_start_switch_fiber && __sanitizer_finish_switch_fiber &&
                 __asan_unpoison_memory_region;
}

// Asked for once per thread, as the answer for the main thread comes from a file.
static _Thread_local struct {
  void *low;
  size_t size;
} own;

static void find_own(void) {
  if (!own.low) own.size = weir_thread_stack(&own.low);
}

// What LLVM 19 maps for the fake stack of a real one: a page, a byte for each of the smallest
// frames (of 64 bytes, twice as many as fit), and the frames of eleven sizes, each as much as the
// stack.
static size_t fake_size(size_t stack_size) {
  enum { LOG_MIN = 16, LOG_MAX = 28, LOG_FRAME = 6, SIZES = 11 };
  unsigned log = LOG_MIN;
  while (log < LOG_MAX && ((size_t)1 << log) < stack_size)
    log++;
  return 4096 + ((size_t)1 << (log + 1 - LOG_FRAME)) + ((size_t)SIZES << log);
}

// The leak checker looks into the fake stacks of threads only, so a suspended one is a root.
__attribute__((noinline)) void weir_asan_leave(struct weir_asan_kept *kept, void *low,
                                               size_t size) {
  if (!low || (kept && !kept->size)) find_own();
  if (!low) {
    low = own.low;
    size = own.size;
  }
  if (kept && !kept->size) kept->size = own.size;
  __sanitizer_start_switch_fiber(kept ? &kept->fake : NULL, low, size);
  if (kept && kept->fake) weir_asan_root(kept->fake, fake_size(kept->size));
}

__attribute__((noinline)) void weir_asan_arrive(struct weir_asan_kept *kept) {
  if (kept && kept->fake) weir_asan_unroot(kept->fake, fake_size(kept->size));
  __sanitizer_finish_switch_fiber(kept ? kept->fake : NULL, NULL, NULL);
}

void weir_asan_clean(void *low, size_t size) {
  if (weir_asan_on) __asan_unpoison_memory_region(low, size);
}

void weir_asan_root(void *low, size_t size) {
  if (weir_asan_on && __lsan_register_root_region) __lsan_register_root_region(low, size);
}

void weir_asan_unroot(void *low, size_t size) {
  if (weir_asan_on && __lsan_unregister_root_region) __lsan_unregister_root_region(low, size);
}

void weir_asan_root_thread(void) {
  if (!weir_asan_on) return;
  find_own();
  if (own.low) weir_asan_root(own.low, own.size);
}
