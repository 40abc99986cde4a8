// SPDX-License-Identifier: Apache-2.0
//
// Libraries that are unloaded. What comes to lie where one was, a reload of itself in most cases,
// is new memory, but the race runtime does not see the loader map it: an access to the old
// library's variables and one to the new one's would be a race if nothing else orders the two
// goroutines. So each library that is checked says when it is loaded, before any code of
// its own runs, and the accesses to its variables are forgotten.
//
// What was released there is kept: it can only order more. Weir's own objects begin anew anyhow.
#include <weir/abi.h>

#include "base/hooks.h"
#include "hb/tsan.h"
#include "os/loaded.h"

static void forget(uintptr_t low, uintptr_t high) {
  weir_tsan_reset_shadow((const void *)low, high - low);
}

void __weir_race_loaded(const void *code) {
  if (weir_hb_on) weir_loaded_each_variables(code, forget);
}
