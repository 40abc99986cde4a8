// SPDX-License-Identifier: Apache-2.0
//
// check.h. Messages are formatted on the stack and written with one write(2), so that
// they come out whole and also when the heap is exhausted.
#include "base/check.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { EXIT_COULD_NOT_RUN = 3 };

static void say(const char *prefix, const char *format, va_list args) {
  char text[512];
  int n = snprintf(text, sizeof text, "%s", prefix);
  n += vsnprintf(text + n, sizeof text - (size_t)n - 1, format, args);
  if (n > (int)sizeof text - 2) n = sizeof text - 2;
  text[n++] = '\n';
  (void)!write(STDERR_FILENO, text, (size_t)n);
}

void weir_check_failed(const char *file, int line, const char *what) {
  char text[512];
  int n = snprintf(text, sizeof text,
                   "weir: internal error: %s:%d: %s does not hold. This is a bug in Weir.\n", file,
                   line, what);
  (void)!write(STDERR_FILENO, text, (size_t)n);
  abort();
}

void weir_fatal(const char *format, ...) {
  static atomic_flag ending = ATOMIC_FLAG_INIT;
  while (atomic_flag_test_and_set(&ending))
    pause(); // another thread has said why, and ends the program
  va_list args;
  va_start(args, format);
  say("weir: fatal: ", format, args);
  va_end(args);
  _exit(EXIT_COULD_NOT_RUN);
}

void weir_warn(const char *format, ...) {
  va_list args;
  va_start(args, format);
  say("weir: warning: ", format, args);
  va_end(args);
}
