// SPDX-License-Identifier: Apache-2.0
//
// Defers: a list per goroutine of nodes that live in the frames of their scopes, newest
// first. The compiler's cleanup runs a node when its scope ends; weir_goexit, which never
// returns into those scopes, runs the whole list (sched/go.c). A node leaves the list
// before its block runs, so a weir_goexit inside a defer goes on with the next.
#include <weir/detail.h>

#include <weir/inline.h>

#include "base/check.h"
#include "sched/sched.h"

void weir_defer_push_(struct weir_defer_ *d) {
  struct weir_defer_ **head = weir_g_defers(weir_self());
  d->next = *head;
  *head = d;
}

void weir_defer_run_(struct weir_defer_ *d) {
  struct weir_defer_ **head = weir_g_defers(weir_self());
  WEIR_CHECK(*head == d); // scopes nest
  *head = d->next;
  ((void (^)(void))d->block)();
}

void weir_defer_push_call_(struct weir_defer_ *d) __attribute__((alias("weir_defer_push_")));
void weir_defer_run_call_(struct weir_defer_ *d) __attribute__((alias("weir_defer_run_")));
