// SPDX-License-Identifier: Apache-2.0
//
// signal.h for x86-64, whose kernel wants a restorer from user space.
#define _GNU_SOURCE
#include "os/signal.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct kernel_sigaction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)(void);
  uint64_t mask;
};
enum { KERNEL_SA_RESTORER = 0x04000000 };

#if defined(__x86_64__)
void weir_signal_return(void);
__asm__(".text\n"
        ".hidden weir_signal_return\n"
        ".globl weir_signal_return\n"
        ".type weir_signal_return, @function\n"
        "weir_signal_return:\n"
        "  movl $15, %eax\n" // rt_sigreturn
        "  syscall\n"
        ".size weir_signal_return, .-weir_signal_return\n");
#endif

void weir_signal_if_default(int sig, void (*handler)(int sig)) {
  struct kernel_sigaction old = {0};
  if (syscall(SYS_rt_sigaction, sig, NULL, &old, sizeof old.mask) != 0) return;
  if (old.handler != SIG_DFL) return;
  struct kernel_sigaction new = {.handler = handler,
                                 .flags = SA_RESTART | SA_ONSTACK | KERNEL_SA_RESTORER,
                                 .restorer = weir_signal_return};
  syscall(SYS_rt_sigaction, sig, &new, NULL, sizeof new.mask);
}
