// SPDX-License-Identifier: Apache-2.0
//
// What the C library does behind ThreadSanitizer's back. It guards its own state (time zones,
// locales, resolver, streams) with locks that TSan does not see, but its calls of malloc and free
// for that state TSan does see, and takes two of them in two goroutines for a race. So calls that
// the C library itself makes count as no accesses. What the program passes to the C library
// (memcpy, read, printf ...) is checked as before: those calls come from the program.
#include <weir/abi.h>

// Read by TSan when it starts. A program's own called_from_lib lines go into
// TSAN_OPTIONS=suppressions=FILE; all other suppressions are the reporter's business.
WEIR_API const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void) {
  return "called_from_lib:libc.so.6\n"
         "called_from_lib:libatomic.so.1\n";
}
