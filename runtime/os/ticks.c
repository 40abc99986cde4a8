// SPDX-License-Identifier: Apache-2.0
//
// ticks.h. Whether the counter can be used is asked of the kernel, which compares the processors'
// counters and gives up on them where they differ or stop.
#include "os/ticks.h"

#include <string.h>
#include <time.h>

#include "os/io.h"

bool weir_ticks_of_processor;

uint64_t weir_ticks_of_kernel(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#if defined(__x86_64__)
#include <cpuid.h>

static bool counter_is_steady(void) {
  unsigned a, b, c, d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) && (d & 1u << 8);
}

void weir_ticks_init(void) {
  char source[32] = "";
  long n = weir_io_read_file("/sys/devices/system/clocksource/clocksource0/current_clocksource",
                             source, sizeof source - 1);
  bool kernel_uses_it = n >= 3 && memcmp(source, "tsc", 3) == 0;
  weir_ticks_of_processor = kernel_uses_it || counter_is_steady();
}
#else
void weir_ticks_init(void) {}
#endif
