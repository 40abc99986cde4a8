// SPDX-License-Identifier: Apache-2.0
//
// Our own bugs and resource exhaustion. WEIR_CHECK is always on, WEIR_DCHECK only in
// debug builds (-DWEIR_DEBUG=1). weir_fatal is for what the user can act on: it
// prints "weir: fatal: ..." in one write and exits with status 3. Neither allocates.
#ifndef WEIR_BASE_CHECK_H
#define WEIR_BASE_CHECK_H

_Noreturn void weir_check_failed(const char *file, int line, const char *what);
_Noreturn void weir_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));
void weir_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define WEIR_CHECK(cond) \
  (__builtin_expect(!!(cond), 1) ? (void)0 : weir_check_failed(__FILE__, __LINE__, #cond))
#if WEIR_DEBUG
#define WEIR_DCHECK(cond) WEIR_CHECK(cond)
#else
#define WEIR_DCHECK(cond) ((void)sizeof(cond))
#endif

#endif
