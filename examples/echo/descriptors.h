// SPDX-License-Identifier: Apache-2.0
//
// How many descriptors this process may have open. Each connection needs one, and the usual
// soft limit of 1,024 is there for programs that use select(2); any program may raise its own up to
// the hard limit, which only the administrator can.
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <sys/resource.h>

enum { DESCRIPTORS_SPARE = 32 }; // for what is open besides connections

// Raises the soft limit to the hard one. How many connections there can be then.
static inline long connections_possible(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit); // as far as it goes
  getrlimit(RLIMIT_NOFILE, &limit);
  const long most = 1L << 20; // also when there is no limit
  long n = limit.rlim_cur < (rlim_t)most ? (long)limit.rlim_cur : most;
  return n > DESCRIPTORS_SPARE ? n - DESCRIPTORS_SPARE : 0;
}

#endif
