// SPDX-License-Identifier: Apache-2.0
//
// kinds.h. A list that is searched from the beginning: it is short, and searched when something was
// found.
#include "detect/kinds.h"

#include "detect/emit.h"

static size_t place_of(const struct weir_kinds *k, uint64_t hash) {
  size_t n = atomic_load_explicit(&k->n, memory_order_relaxed), i = 0;
  while (i < n && k->kind[i].hash != hash)
    i++;
  return i;
}

static bool is_there(const struct weir_kinds *k, size_t place) {
  return place < atomic_load_explicit(&k->n, memory_order_relaxed);
}

bool weir_kinds_new(const struct weir_kinds *k, uint64_t hash) {
  size_t place = place_of(k, hash);
  return !is_there(k, place) && place < WEIR_KINDS;
}

void weir_kinds_add(struct weir_kinds *k, uint64_t hash, unsigned long number) {
  size_t n = atomic_load_explicit(&k->n, memory_order_relaxed);
  k->kind[n].hash = hash;
  atomic_store_explicit(&k->kind[n].number, number, memory_order_relaxed);
  atomic_store_explicit(&k->n, n + 1, memory_order_release); // for say_seen
}

void weir_kinds_more(struct weir_kinds *k, uint64_t hash, unsigned long more) {
  size_t place = place_of(k, hash);
  if (is_there(k, place))
    atomic_fetch_add_explicit(&k->kind[place].more, more, memory_order_relaxed);
}

void weir_kinds_say_seen(struct weir_kinds *k) {
  size_t n = atomic_load_explicit(&k->n, memory_order_acquire);
  for (size_t i = 0; i < n; i++) {
    unsigned long more = atomic_exchange_explicit(&k->kind[i].more, 0, memory_order_relaxed);
    if (more)
      weir_record_seen(atomic_load_explicit(&k->kind[i].number, memory_order_relaxed), more);
  }
}

uint64_t weir_kind_of_creation(const struct weir_g_view *v) {
  // Several calls may have been made of one statement; its site is one.
  return v->go_site ? (uintptr_t)v->go_site : v->creation[0];
}
