// SPDX-License-Identifier: Apache-2.0
//
// futex.h and the slow paths of lock.h (the classic three-state futex mutex, after
// Ulrich Drepper, "Futexes Are Tricky"). A waiter spins a little first, since our
// critical sections are some tens of instructions. It looks ever less often: each look takes the
// cache line away from the holder, who would otherwise get much done with it.
#include "os/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "os/lock.h"

void weir_futex_wait(_Atomic uint32_t *word, uint32_t expect, int64_t ns) {
  int saved = errno;
  struct timespec limit = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expect, ns < 0 ? NULL : &limit, NULL, 0);
  errno = saved;
}

void weir_futex_wake(_Atomic uint32_t *word, int count) {
  int saved = errno;
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
  errno = saved;
}

void weir_lock_slow(struct weir_lock *l) {
  for (int wait = 4; wait < 400; wait += wait / 2) {
    for (int i = 0; i < wait; i++)
      weir_cpu_relax();
    if (atomic_load_explicit(&l->word, memory_order_relaxed) == 0 && weir_lock_try(l)) return;
  }
  // acquire pairs with the release exchange in weir_lock_release; 2 makes the holder wake us
  while (atomic_exchange_explicit(&l->word, 2, memory_order_acquire) != 0)
    weir_futex_wait(&l->word, 2, -1);
}

void weir_lock_wake(struct weir_lock *l) {
  weir_futex_wake(&l->word, 1);
}
