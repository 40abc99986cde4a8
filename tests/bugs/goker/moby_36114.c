// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_36114: A device is added with the lock of the virtual machine held, and adding calls
// the removal, which takes the same lock.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit
// names: hot_add hot_remove lock
#include <stdlib.h>
#include <weir/weir.h>

struct service_vm {
  weir_mutex lock;
};

static weir_wg adders;

static void hot_remove_locked(struct service_vm *vm) {
  (void)vm;
}

static void hot_remove(struct service_vm *vm) {
  // CHECK-DAG: at moby_36114.c:[[@LINE+1]] in hot_remove
  weir_guard(&vm->lock);
  hot_remove_locked(vm);
}

static void hot_add(struct service_vm *vm) {
  // CHECK-DAG: at moby_36114.c:[[@LINE+1]]
  weir_mutex_lock(&vm->lock);
#ifdef FIXED
  hot_remove_locked(vm);
#else
  hot_remove(vm);
#endif
  weir_mutex_unlock(&vm->lock);
  weir_wg_done(&adders);
}

int main(void) {
  struct service_vm *vm = calloc(1, sizeof *vm);
  weir_wg_add(&adders, 1);
  // CHECK-DAG: moby_36114.c:[[@LINE+1]]:
  weir_go(hot_add, vm);
#ifdef FIXED
  weir_wg_wait(&adders);
  hot_remove(vm);
#endif
  return 0;
}
