// SPDX-License-Identifier: Apache-2.0
//
// Synchronisation that race checks cannot see is warned of where it stands, in
// code that is checked, and not elsewhere.
// RUN: %clang -fplugin=%weir_plugin -Xclang -verify -c %s -o %t.o
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-unseen=off -Werror -c %s -o %t.o
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -Werror -c %s -o %t.o
#include <stdatomic.h>

int order(int *p) {
  atomic_thread_fence(memory_order_acquire); // expected-warning {{a fence makes no edge}}
  __sync_synchronize();                      // expected-warning {{a fence makes no edge}}
  __atomic_thread_fence(__ATOMIC_SEQ_CST);   // expected-warning {{-fplugin-arg-weir-unseen=off}}
  return *p;
}
int exchange(int *p, int with) {
  // expected-warning@+1 {{does not see what 'xchgl' in inline assembly}}
  __asm__ volatile("xchgl %0, %1" : "+r"(with), "+m"(*p));
  return with;
}
void add(int *p) {
  __asm__ volatile("nop; LOCK addl $1, %0" : "+m"(*p)); // expected-warning {{'LOCK'}}
}
void harmless(int *p) {
  int locked;
  __asm__ volatile("" : : : "memory");
  __asm__("movl $1, %[unlock_me]" : [unlock_me] "=r"(locked));
  atomic_signal_fence(memory_order_seq_cst);
  __atomic_store_n(p, locked, __ATOMIC_RELEASE);
}
__attribute__((no_sanitize("thread"))) void unchecked(int *p) {
  __asm__ volatile("lock; addl $1, %0" : "+m"(*p));
  atomic_thread_fence(memory_order_seq_cst);
}
